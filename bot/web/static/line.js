// The line to the runner: it comes back by itself, and asks again for what every open room shows.

import { state, tell } from "/static/state.js";

const LONGEST_PAUSE = 5000;

let socket = null;
let pause = 250;

export function connect() {
  socket?.close();
  const line = new WebSocket(`ws://${location.host}/api/events?persona=${encodeURIComponent(state.persona)}`);
  socket = line;
  line.addEventListener("message", (event) => line === socket && receive(JSON.parse(event.data)));
  line.addEventListener("close", () => line === socket && again());
}

export function wantLog(room) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(room);
}

function receive(event) {
  if (event.type === "hello") {
    pause = 250;
    state.online = true;
    tell("hello", event);
    for (const room of new Set([...state.logs.keys(), state.room])) wantLog(room);
    tell("online", true);
    return;
  }
  tell(event.type, event);
}

async function again() {
  if (state.online) tell("online", (state.online = false));
  await new Promise((done) => setTimeout(done, pause));
  pause = Math.min(pause * 2, LONGEST_PAUSE);
  // After a restart of the runner the session is gone: the locked page says what to do.
  const answer = await fetch("/api/session").catch(() => null);
  if (answer?.status === 401) {
    location.reload();
    return;
  }
  connect();
}
