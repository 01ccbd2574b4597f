// Cards, drawn by Microsoft's renderer. A redrawn card keeps what is being typed in it.

import { press, Refused } from "/static/requests.js";

const { AdaptiveCard, ExecuteAction, HostConfig, SubmitAction } = window.AdaptiveCards;

// The words of a card are never markup: without a processor the renderer shows them as plain text.
AdaptiveCard.onProcessMarkdown = (_text, result) => {
  result.didProcess = false;
};

const LOCKED_AT_MOST = 20000;

let hostConfig = null;

export async function begin() {
  const answer = await fetch("/static/hostconfig.json");
  hostConfig = new HostConfig(await answer.json());
}

// Draw a message's card into its place. `message` is what the log says, `room` where it is.
export function draw(place, room, message) {
  const typed = typedIn(place);
  const card = new AdaptiveCard();
  card.hostConfig = hostConfig;
  card.onExecuteAction = (action) => execute(place, room, message.id, action);
  card.onInlineCardExpanded = (action, expanded) => expanded && unfolded(action);
  card.parse(message.card);
  const drawn = card.render();
  place.classList.remove("pressed");
  delete place.dataset.pressed;
  if (drawn) place.replaceChildren(drawn);
  else place.textContent = message.text;
  labelFigures(place);
  place.addEventListener("keydown", enterPresses);
  typeAgain(place, typed);
}

// What was opened comes into view, ready to be typed in.
function unfolded(action) {
  const opened = action.card.renderedElement;
  opened?.scrollIntoView({ block: "nearest" });
  opened?.querySelector("input, textarea")?.focus({ preventScroll: true });
}

export function unlock(place) {
  delete place.dataset.pressed;
  place.classList.remove("pressed");
  for (const button of place.querySelectorAll("button")) button.disabled = false;
}

async function execute(place, room, message, action) {
  if (!(action instanceof ExecuteAction || action instanceof SubmitAction)) return;
  if (place.dataset.pressed) return;
  const { action: name, value, ...inputs } = action.data ?? {};
  if (typeof name !== "string") return;
  const id = crypto.randomUUID();
  lock(place, id);
  try {
    await press(id, room, message, name, value ?? {}, inputs);
    setTimeout(() => place.dataset.pressed === id && unlock(place), LOCKED_AT_MOST);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    unlock(place);
    problem(place, error.message);
  }
}

function lock(place, id) {
  place.dataset.pressed = id;
  place.classList.add("pressed");
  place.querySelector(".card-problem")?.remove();
  for (const button of place.querySelectorAll("button")) button.disabled = true;
}

function problem(place, sentence) {
  const told = document.createElement("p");
  told.className = "card-problem";
  told.setAttribute("role", "alert");
  told.textContent = sentence;
  place.append(told);
}

// On a phone a table has no header to look up at, so its figures carry their column's name.
function labelFigures(place) {
  for (const table of place.querySelectorAll("[role=table]")) {
    const headers = [...table.querySelectorAll("[role=columnheader]")];
    for (const cell of table.querySelectorAll("[role=cell]")) {
      const header = headers[[...cell.parentElement.children].indexOf(cell)];
      if (header?.firstElementChild?.style.textAlign === "end") cell.dataset.label = header.textContent;
    }
  }
}

// In a one-line field Enter presses the button under it, as people expect of a form.
function enterPresses(event) {
  const field = event.target;
  if (event.key !== "Enter" || !(field instanceof HTMLInputElement || event.ctrlKey || event.metaKey)) return;
  let around = field.parentElement;
  while (around && !around.querySelector(".ac-pushButton")) around = around.parentElement;
  const buttons = around?.querySelectorAll(".ac-pushButton") ?? [];
  if (buttons.length === 1) {
    event.preventDefault();
    buttons[0].click();
  }
}

function openers(place) {
  return [...place.querySelectorAll(".ac-pushButton[aria-expanded]")];
}

function typedIn(place) {
  const fields = [...place.querySelectorAll("input, textarea, select")];
  return {
    open: openers(place).filter((one) => one.getAttribute("aria-expanded") === "true").map((one) => one.textContent),
    words: fields.map((field) => field.value),
    focus: fields.indexOf(document.activeElement),
  };
}

function typeAgain(place, typed) {
  for (const button of openers(place)) if (typed.open.includes(button.textContent)) button.click();
  const fields = [...place.querySelectorAll("input, textarea, select")];
  if (fields.length !== typed.words.length) return;
  fields.forEach((field, index) => {
    if (!typed.words[index]) return;
    field.value = typed.words[index];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  if (typed.focus >= 0) fields[typed.focus].focus();
}
