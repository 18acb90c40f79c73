// Columns of the table: their order, headers and widths. Columns not known here come at the end.

const ORDER = ["n", "seq", "channel", "ts", "action", "contract", "account", "order_id", "contra_account",
  "contra_order_id", "price", "lots", "amount", "left_out", "clause", "count", "figure", "held", "level",
  "fell_under"];
const LIFE = ["order_life", "contra_life", "file", "row"];
const WIDTH_CH = { n: 7, seq: 11, ts: 31, clause: 34, left_out: 22, order_life: 90, contra_life: 60,
  file: 24 };
const WIDEST_CH = 26;

// A column in which nothing stands is not in the data.
const columns = [
  ...ORDER,
  ...DATA.events.columns.map((column) => column.name).filter((name) => ![...ORDER, ...LIFE].includes(name)),
  ...LIFE,
].map((name) => COLUMNS.get(name)).filter((column) => column);

const PAPER_CH = 210; // letters beside one another on a landscape sheet, gaps among them

// Columns that stand beside one another on paper; one that is too wide gives way to those after it.
function onPaper() {
  let room = PAPER_CH;
  return columns.filter((column) => {
    const width = widthOf(column) + 3;
    if (width > room) return false;
    room -= width;
    return true;
  });
}

const headerText = (column) => column.header[lang];

function widthOf(column) {
  if (WIDTH_CH[column.name]) return WIDTH_CH[column.name];
  let most = lengthOf(headerText(column)) + 3;
  const texts = column.kind === "text" ? column.texts[lang] : column.values.slice(0, 500).map(numberText);
  for (const text of texts) most = Math.max(most, lengthOf(String(text)) + 2);
  return Math.min(WIDEST_CH, most);
}

// Chinese characters are twice as wide.
const lengthOf = (text) => [...text].reduce((n, each) => n + (each > "\u2e7f" ? 2 : 1), 0);

function compared(column, a, b) {
  const [x, y] = [column.values[a], column.values[b]];
  if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
  if (column.kind !== "text") return column.sign * (x - y);
  const [left, right] = [column.texts[lang][x], column.texts[lang][y]];
  return column.sign * left.localeCompare(right, lang, { numeric: true });
}
