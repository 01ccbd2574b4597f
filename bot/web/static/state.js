// What the page knows, and who wants to hear of a change.

export const state = {
  persona: "",
  people: [],
  fixed: [],
  threads: [],
  examples: [],
  room: "ops",
  logs: new Map(),
  unread: new Map(),
  online: false,
};

const remembered = {
  get(key) {
    try {
      return localStorage.getItem(`escher.${key}`) ?? "";
    } catch {
      return "";
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`escher.${key}`, value);
    } catch {
      // A browser that keeps nothing still works; it only forgets the last persona and what was typed.
    }
  },
};

export { remembered };

const listeners = new Map();

export function on(topic, listener) {
  listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

export function tell(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export function nameOf(id) {
  return state.people.find((one) => one.id === id)?.name ?? id.split(":").pop();
}

export function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2);
  return letters.toUpperCase();
}

// One of eight hues, always the same for the same person.
export function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 8;
  return `hue-${sum}`;
}
