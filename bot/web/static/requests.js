// What the page asks of the runner. A request keeps its id when it is sent again, so that a retry is the same event.

import { state } from "/static/state.js";

export class Refused extends Error {}

async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ persona: state.persona, ...body }),
    });
  } catch {
    throw new Refused("Escher cannot be reached. Is it still running?");
  }
  if (answer.ok) return answer.json();
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.error ?? `That did not work (${answer.status}).`);
}

export function say(id, room, text) {
  return post("/api/say", { id, room, text });
}

export function press(id, room, message, action, value, inputs) {
  return post("/api/press", { id, room, message, action, value, inputs });
}
