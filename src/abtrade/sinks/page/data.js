// The data of the page, its words, and how times and numbers are written.

const DATA = JSON.parse(document.getElementById("data").textContent);
const EVENTS = DATA.events.n;
const COLUMNS = new Map(DATA.events.columns.map((column) => [column.name, column]));
const STEP = { ts: 0, action: 1, price: 2, lots: 3, left: 4, seq: 5, self: 6 };

let lang = DATA.lang;

const byId = (id) => document.getElementById(id);

function word(key, values = {}) {
  const text = DATA.words[lang][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (blank, name) => String(values[name] ?? blank));
}

// Every text goes into the page this way: as text, never as markup.
function put(parent, tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
}

const two = (n) => String(n).padStart(2, "0");

function dateAt(t) {
  return new Date(DATA.midnight_ms + Math.floor(t / 1e6));
}

function dayText(t) {
  const at = dateAt(t);
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
}

// The time of day with as many digits of the second as asked for.
function clockText(t, digits = 9) {
  const at = dateAt(t);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  if (!digits) return clock;
  const fraction = String(((t % 1e9) + 1e9) % 1e9).padStart(9, "0");
  return `${clock}.${fraction.slice(0, digits)}`;
}

function numberText(value) {
  if (typeof value !== "number") return value ?? "";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));
}

// A cell of the events as it is shown; the empty text where there is nothing.
function cellText(column, i) {
  const value = column.values[i];
  if (value === null) return "";
  if (column.kind === "text") return column.texts[lang][value];
  if (column.kind === "time") return `${dayText(value)} ${clockText(value)}`;
  return numberText(value);
}

function valueAt(name, i) {
  return COLUMNS.get(name)?.values[i] ?? null;
}

// A word of a log as it stands there, whatever the language.
function codeAt(name, i) {
  const value = valueAt(name, i);
  return value === null ? null : COLUMNS.get(name).codes[value];
}
