// The left rail: rooms, threads, and who one is.

import { hue, initials, nameOf, on, remembered, state, tell } from "/static/state.js";

const NAMES = { ops: "ops", "morning-report": "morning-report" };
const ABOUT = {
  ops: "Ask about your clouds, or say what to do. Nothing changes before somebody approves it.",
  "morning-report": "What changed, what it costs, what is exposed and idle. Ask anything about it here.",
};

const byId = (id) => document.getElementById(id);

export function isRoom(name) {
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(name);
}

export function titleOf(room) {
  if (room in NAMES) return NAMES[room];
  return state.threads.find((one) => one.room === room)?.title ?? "New thread";
}

export function go(room) {
  if (location.hash === `#${room}`) tell("room-changed", room);
  else location.hash = room;
}

function entry(room, sign) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${room}`;
  const mark = document.createElement("span");
  mark.className = "sign";
  mark.textContent = sign;
  mark.setAttribute("aria-hidden", "true");
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = titleOf(room);
  link.append(mark, name);
  const unread = state.unread.get(room) ?? 0;
  if (unread) {
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = unread > 99 ? "99+" : String(unread);
    count.setAttribute("aria-label", `${unread} new`);
    link.append(count);
  }
  if (room === state.room) link.setAttribute("aria-current", "page");
  item.append(link);
  return item;
}

export function draw() {
  byId("rooms").replaceChildren(...state.fixed.map((room) => entry(room, "#")));
  const threads = state.threads.map((one) => one.room);
  if (![...state.fixed, ...threads].includes(state.room)) threads.unshift(state.room);
  byId("threads").replaceChildren(...threads.map((room) => entry(room, "↳")));
  byId("title").textContent = (state.fixed.includes(state.room) ? "#" : "") + titleOf(state.room);
  byId("about").textContent = ABOUT[state.room] ?? "A conversation of its own: “those” means what was shown here.";
  const unread = [...state.unread.values()].reduce((sum, one) => sum + one, 0);
  document.title = unread ? `(${unread}) Escher` : "Escher";
}

function drawPeople() {
  const options = state.people.map((one) => {
    const option = document.createElement("option");
    option.value = one.id;
    option.textContent = one.name;
    return option;
  });
  const chooser = byId("persona");
  chooser.replaceChildren(...options);
  chooser.value = state.persona;
  chooser.disabled = state.people.length < 2;
  const avatar = byId("you-avatar");
  avatar.textContent = initials(nameOf(state.persona));
  avatar.className = `avatar ${hue(state.persona)}`;
}

function open(shown) {
  document.body.classList.toggle("rail-open", shown);
  byId("menu").setAttribute("aria-expanded", String(shown));
}

export function begin() {
  byId("menu").addEventListener("click", () => open(!document.body.classList.contains("rail-open")));
  byId("veil").addEventListener("click", () => open(false));
  byId("rail").addEventListener("keydown", (event) => event.key === "Escape" && open(false));
  byId("new-thread").addEventListener("click", () => {
    const letters = crypto.getRandomValues(new Uint8Array(5));
    go(`t-${[...letters].map((one) => one.toString(16).padStart(2, "0")).join("")}`);
  });
  byId("persona").addEventListener("change", (event) => {
    state.persona = event.target.value;
    remembered.set("persona", state.persona);
    drawPeople();
    tell("persona-changed");
  });
  on("people", drawPeople);
  on("room-changed", () => open(false));
}
