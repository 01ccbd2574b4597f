// The message box: Enter sends, the arrow up brings back what was sent before.

import { look, stopLooking } from "/static/messages.js";
import { Refused, say } from "/static/requests.js";
import { on, remembered, state } from "/static/state.js";

const MOST_REMEMBERED = 50;

const byId = (id) => document.getElementById(id);

let sent = [];
let back = 0;
let unsent = null;

function fit(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
}

function put(words) {
  const box = byId("say");
  box.value = words;
  box.setSelectionRange(words.length, words.length);
  fit(box);
}

function problem(sentence) {
  byId("problem").textContent = sentence;
  byId("problem").hidden = !sentence;
}

async function send() {
  const box = byId("say");
  const text = box.value.trim();
  if (!text) return;
  const room = state.room;
  // The same words to the same room after a failure are the same event, in case the first try did arrive.
  const id = unsent?.text === text && unsent.room === room ? unsent.id : crypto.randomUUID();
  unsent = { id, text, room };
  sent = [...sent.filter((one) => one !== text), text].slice(-MOST_REMEMBERED);
  back = 0;
  put("");
  problem("");
  look();
  try {
    await say(id, room, text);
    unsent = null;
    remembered.set("sent", JSON.stringify(sent));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    stopLooking();
    if (!box.value) put(text);
    problem(error.message);
  }
}

function recall(event) {
  const box = event.target;
  const older = event.key === "ArrowUp" && (box.value === "" || back > 0) && back < sent.length;
  const newer = event.key === "ArrowDown" && back > 0;
  if (!older && !newer) return;
  event.preventDefault();
  back += older ? 1 : -1;
  put(back ? sent[sent.length - back] : "");
}

export function begin() {
  const box = byId("say");
  try {
    const kept = JSON.parse(remembered.get("sent") || "[]");
    sent = Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    sent = [];
  }
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  box.addEventListener("input", () => {
    back = 0;
    fit(box);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    } else recall(event);
  });
  on("example", (words) => {
    put(words);
    box.focus();
    send();
  });
}
