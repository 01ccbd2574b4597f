// What to try first, where nothing was said yet.

import { state, tell } from "/static/state.js";

const WORDS = {
  ops: ["What should I look at?", "Ask in your own words. I show exactly what I would do before anything changes."],
  "morning-report": ["No report yet", "It is posted here every morning. Say “report” to have one now."],
};

export function examples(room) {
  const [title, text] = WORDS[room] ?? ["A new thread", "What is said here stays together: “stop those” means the ones shown here."];
  const heading = document.createElement("h2");
  heading.textContent = title;
  const words = document.createElement("p");
  words.textContent = text;
  const list = document.createElement("ul");
  list.className = "examples";
  for (const question of room === "morning-report" ? ["report", "what changed since yesterday"] : state.examples) {
    const item = document.createElement("li");
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = question;
    chip.addEventListener("click", () => tell("example", question));
    item.append(chip);
    list.append(item);
  }
  return [heading, words, list];
}
