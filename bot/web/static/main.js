// The console: which room is open, who one is, and whether the runner is there.

import * as cards from "/static/cards.js";
import * as composer from "/static/composer.js";
import * as line from "/static/line.js";
import * as messages from "/static/messages.js";
import * as rail from "/static/rail.js";
import { on, remembered, state, tell } from "/static/state.js";

const byId = (id) => document.getElementById(id);

function adopt({ people, fixed, rooms, examples }) {
  state.people = people;
  state.fixed = fixed;
  state.threads = rooms;
  state.examples = examples;
  const wanted = state.persona || remembered.get("persona");
  state.persona = people.some((one) => one.id === wanted) ? wanted : people[0].id;
  tell("people");
  rail.draw();
}

function open(room) {
  state.room = rail.isRoom(room) ? room : "ops";
  state.unread.delete(state.room);
  remembered.set("room", state.room);
  rail.draw();
  messages.draw();
  if (!state.logs.has(state.room)) line.wantLog(state.room);
  if (matchMedia("(hover: hover)").matches) byId("say").focus();
}

function banner(online) {
  byId("banner").hidden = online;
  byId("banner").textContent = online ? "" : "Escher is not reachable. I keep trying; nothing you see is lost.";
}

async function begin() {
  const answer = await fetch("/api/session");
  if (answer.status === 401) {
    location.reload();
    return;
  }
  rail.begin();
  messages.begin();
  composer.begin();
  on("hello", adopt);
  on("online", banner);
  on("unread", rail.draw);
  on("room", ({ room }) => {
    state.threads = [room, ...state.threads.filter((one) => one.room !== room.room)];
    rail.draw();
  });
  on("room-changed", open);
  on("persona-changed", () => {
    state.logs.clear();
    messages.draw();
    line.connect();
  });
  addEventListener("hashchange", () => tell("room-changed", location.hash.slice(1)));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    state.unread.delete(state.room);
    rail.draw();
  });
  await cards.begin();
  adopt(await answer.json());
  open(location.hash.slice(1) || remembered.get("room") || "ops");
  line.connect();
}

await begin();
