// The messages of the open room: what was said, cards that change in place, files.

import * as cards from "/static/cards.js";
import { hue, initials, nameOf, on, state, tell } from "/static/state.js";
import { examples } from "/static/examples.js";

const GROUP_SECONDS = 180;
const LOOKING_AFTER = 300;
const LOOKING_AT_MOST = 60000;
const NEAR_END = 120;

const byId = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

let waiting = null;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function dayOf(at) {
  const date = new Date(at);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return "Today";
  today.setDate(today.getDate() - 1);
  return date.toDateString() === today.toDateString() ? "Yesterday" : day.format(date);
}

function avatarOf(message) {
  if (!message.by) {
    const picture = element("img", "avatar escher");
    picture.src = "/static/escher.svg";
    picture.alt = "";
    return picture;
  }
  const avatar = element("span", `avatar ${hue(message.by)}`, initials(message.name || nameOf(message.by)));
  avatar.setAttribute("aria-hidden", "true");
  return avatar;
}

function authorOf(message) {
  if (!message.by) return "Escher";
  return message.by === state.persona ? "You" : message.name || nameOf(message.by);
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function file(message) {
  const figure = element("figure", "file");
  if (/^image\/(png|jpeg|gif)$/.test(message.media)) {
    const picture = element("img");
    picture.src = message.path;
    picture.alt = message.text;
    picture.addEventListener("load", () => toEnd(false));
    figure.append(picture);
  }
  const link = element("a", "", message.filename);
  link.href = message.path;
  link.download = message.filename;
  const caption = element("figcaption", "", message.text === message.filename ? "" : `${message.text} · `);
  caption.append(link, element("span", "grey", ` ${size(message.size ?? 0)}`));
  figure.append(caption);
  return figure;
}

// A picture that cannot be had says what it would have shown.
function instead({ target }) {
  if (target instanceof HTMLImageElement) target.replaceWith(element("p", "grey", target.alt || "a picture that is no longer here"));
}

function fill(body, message) {
  if (message.card) {
    const place = body.querySelector(".card") ?? element("div", "card");
    if (!place.isConnected) body.append(place);
    cards.draw(place, state.room, message);
    place.setAttribute("aria-label", message.text.split("\n", 1)[0]);
    return;
  }
  body.replaceChildren(message.op === "file" ? file(message) : element("p", "said", message.text));
}

function row(message) {
  const item = element("li", "message");
  item.id = message.id;
  item.dataset.at = message.at;
  item.dataset.by = message.by ?? "";
  const who = element("header", "who");
  const moment = element("time", "", time.format(new Date(message.at)));
  moment.dateTime = message.at;
  who.append(element("b", "", authorOf(message)), moment);
  if (message.only_for) who.append(element("span", "private", "only you see this"));
  const body = element("div", "body");
  const column = element("div", "column");
  column.append(who, body);
  item.append(avatarOf(message), column);
  if (message.only_for) item.classList.add("is-private");
  return { item, body };
}

function follows(before, message) {
  if (!before?.classList.contains("message") || before.dataset.by !== (message.by ?? "")) return false;
  if (message.only_for || before.classList.contains("is-private")) return false;
  return (new Date(message.at) - new Date(before.dataset.at)) / 1000 < GROUP_SECONDS && Boolean(message.by);
}

function append(message) {
  const list = byId("messages");
  const last = list.lastElementChild;
  if (!last || dayOf(last.dataset.at) !== dayOf(message.at)) {
    const separator = element("li", "day");
    separator.dataset.at = message.at;
    separator.append(element("span", "", dayOf(message.at)));
    list.append(separator);
  }
  const { item, body } = row(message);
  if (follows(list.lastElementChild, message)) item.classList.add("follows");
  list.append(item);
  fill(body, message);
}

function show(message) {
  const shown = document.getElementById(message.id);
  if (shown) fill(shown.querySelector(".body"), message);
  else append(message);
}

function nearEnd() {
  const log = byId("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
}

function toEnd(always = true) {
  const log = byId("log");
  if (always || nearEnd()) log.scrollTop = log.scrollHeight;
  byId("newer").hidden = nearEnd();
}

// Bring a message into view from its first line, which is the answer.
function reveal(item) {
  const log = byId("log");
  const top = item.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
  log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, top - 8);
  byId("newer").hidden = true;
}

function drawEmpty() {
  const log = state.logs.get(state.room);
  const empty = byId("empty");
  empty.hidden = !log || log.size > 0;
  if (!empty.hidden) empty.replaceChildren(...examples(state.room));
}

export function draw() {
  byId("messages").replaceChildren();
  stopLooking();
  for (const message of state.logs.get(state.room)?.values() ?? []) show(message);
  drawEmpty();
  const last = byId("messages").lastElementChild;
  if (last) reveal(last);
}

// Between a question and its answer: shown only when the answer takes long enough to wonder.
export function look() {
  stopLooking();
  const begun = setTimeout(() => {
    byId("looking").hidden = false;
    toEnd(false);
  }, LOOKING_AFTER);
  waiting = [begun, setTimeout(stopLooking, LOOKING_AT_MOST)];
}

export function stopLooking() {
  for (const timer of waiting ?? []) clearTimeout(timer);
  waiting = null;
  byId("looking").hidden = true;
}

function unlockAll() {
  for (const place of document.querySelectorAll(".card[data-pressed]")) cards.unlock(place);
}

function keep(room, message) {
  const log = state.logs.get(room);
  const before = log?.get(message.id);
  if (!log || (before && (before.revision ?? 0) > (message.revision ?? 0))) return false;
  log.set(message.id, message);
  return true;
}

function arrived({ room, message }) {
  const known = state.logs.get(room)?.has(message.id) ?? false;
  if (room !== state.room || document.hidden) {
    if (!known && message.by !== state.persona) state.unread.set(room, (state.unread.get(room) ?? 0) + 1);
    tell("unread");
  }
  if (!keep(room, message) || room !== state.room) return;
  const atEnd = nearEnd();
  show(message);
  drawEmpty();
  if (!message.by) {
    stopLooking();
    unlockAll();
    byId("news").textContent = `Escher: ${message.text.split("\n").slice(0, 3).join(", ")}`;
  }
  if (atEnd || message.by === state.persona) reveal(document.getElementById(message.id));
  else if (!known) byId("newer").hidden = false;
}

function logArrived({ room, messages }) {
  state.logs.set(room, new Map(messages.map((message) => [message.id, message])));
  if (room === state.room) draw();
}

export function begin() {
  on("message", arrived);
  on("room_log", logArrived);
  byId("newer").addEventListener("click", () => toEnd());
  byId("log").addEventListener("error", instead, true);
  byId("log").addEventListener("scroll", () => nearEnd() && (byId("newer").hidden = true));
}
