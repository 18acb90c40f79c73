// The table of events: sorted and filtered, of which only the rows in sight are in the page.

const ROW_PX = 24;
const BESIDE = 8; // rows above and below those in sight
const PRINTED = 1000;

const table = byId("table");
const rowsBox = byId("rows");
const headers = byId("headers");
const pool = [];

let sorting = { name: "n", sign: 1 };
let listed = []; // events, in the order in which they are shown
let searched = null; // by event: all its texts, in small letters
let printing = false;
let inTable = columns;

function startTable() {
  table.addEventListener("scroll", () => requestAnimationFrame(drawRows));
  table.addEventListener("keydown", moveChosen);
  rowsBox.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) chooseRow(Number(row.dataset.event));
  });
  headers.addEventListener("click", (event) => {
    const header = event.target.closest("button");
    if (header) sortBy(header.dataset.name);
  });
  byId("find").addEventListener("input", list);
  byId("shown").addEventListener("change", list);
}

function tellTable() {
  searched = null;
  pool.length = 0;
  rowsBox.replaceChildren();
  headers.replaceChildren();
  const widths = inTable.map(widthOf);
  table.style.setProperty("--columns", widths.map((n) => `${n}ch`).join(" "));
  table.style.setProperty("--width", `calc(${widths.reduce((a, b) => a + b, 0)}ch + ${widths.length * 12}px)`);
  for (const column of inTable) {
    const cell = put(headers, "div", undefined, column.kind === "number" ? "number" : "");
    cell.setAttribute("role", "columnheader");
    put(cell, "button", headerText(column)).dataset.name = column.name;
  }
  list();
}

function list() {
  const wanted = byId("find").value.trim().toLowerCase();
  const shown = byId("shown").value;
  const passes = {
    all: () => true,
    counted: (i) => valueAt("left_out", i) === null,
    left_out: (i) => valueAt("left_out", i) !== null,
    level: (i) => valueAt("level", i) !== null || valueAt("fell_under", i) !== null,
  }[shown || "all"];
  if (wanted && !searched) searched = Array.from({ length: EVENTS }, (unused, i) => allTexts(i));
  listed = [];
  for (let i = 0; i < EVENTS; i += 1) {
    if (passes(i) && (!wanted || searched[i].includes(wanted))) listed.push(i);
  }
  sort();
}

const allTexts = (i) => columns.map((column) => cellText(column, i)).join("\n").toLowerCase();

function sortBy(name) {
  sorting = { name, sign: sorting.name === name ? -sorting.sign : 1 };
  sort();
}

function sort() {
  const column = { ...COLUMNS.get(sorting.name), sign: sorting.sign };
  if (column.values) listed.sort((a, b) => compared(column, a, b) || a - b);
  for (const header of headers.children) {
    const isBy = header.firstChild.dataset.name === sorting.name;
    header.setAttribute("aria-sort", isBy ? (sorting.sign > 0 ? "ascending" : "descending") : "none");
  }
  rowsBox.style.height = `${listed.length * ROW_PX}px`;
  table.style.setProperty("--listed", `${(listed.length + 3) * ROW_PX}px`);
  table.setAttribute("aria-rowcount", String(listed.length + 1));
  byId("found").textContent = word("found", { n: listed.length, all: EVENTS });
  drawRows();
}

function drawRows() {
  const first = printing ? 0 : Math.max(0, Math.floor(table.scrollTop / ROW_PX) - BESIDE);
  const room = printing ? PRINTED : Math.ceil(table.clientHeight / ROW_PX) + 2 * BESIDE;
  const n = Math.min(room, listed.length - first);
  while (pool.length < n) pool.push(newRow());
  pool.forEach((row, i) => {
    row.hidden = i >= n;
    if (i < n) fillRow(row, first + i);
  });
}

function newRow() {
  const row = put(rowsBox, "div", undefined, "row");
  row.setAttribute("role", "row");
  for (const column of inTable) {
    put(row, "div", undefined, column.kind === "number" ? "number" : "").setAttribute("role", "gridcell");
  }
  return row;
}

function fillRow(row, place) {
  const event = listed[place];
  row.style.top = `${place * ROW_PX}px`;
  row.dataset.event = String(event);
  row.setAttribute("aria-rowindex", String(place + 2));
  row.setAttribute("aria-selected", String(event === view.event));
  row.classList.toggle("left-out", valueAt("left_out", event) !== null);
  row.classList.toggle("red", codeAt("level", event) === "red");
  row.classList.toggle("yellow", codeAt("level", event) === "yellow");
  inTable.forEach((column, i) => {
    const text = cellText(column, event);
    const cell = row.children[i];
    if (cell.textContent !== text) {
      cell.textContent = text;
      cell.title = text.length > 12 ? text : "";
    }
  });
}

// A row was chosen in the table: the chart goes there.
function chooseRow(event) {
  view.event = event;
  view.order = DATA.touched[event]?.[0] ?? -1;
  drawRows();
  if (stage.isConnected) goTo(event);
}

// An event was chosen in the chart: its row comes into sight, from behind a filter too.
function showRow(event) {
  view.event = event;
  if (!listed.includes(event)) {
    byId("find").value = "";
    byId("shown").value = "all";
    list();
  }
  bringUp(listed.indexOf(event));
}

function bringUp(place) {
  const [top, room] = [place * ROW_PX, table.clientHeight - headers.offsetHeight];
  if (top < table.scrollTop || top + ROW_PX > table.scrollTop + room) {
    table.scrollTop = top - room / 2;
  }
  drawRows();
}

function moveChosen(event) {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
  if (!by || !listed.length) return;
  event.preventDefault();
  const place = listed.indexOf(view.event);
  const next = place < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, place + by));
  chooseRow(listed[next]);
  bringUp(next);
}

// On paper stand the first rows, as many as are of use there, and the columns that fit.
function printRows(isOn) {
  printing = isOn;
  inTable = isOn ? onPaper() : columns;
  const left = columns.filter((column) => !inTable.includes(column)).map(headerText);
  byId("printed").textContent = [
    isOn && listed.length > PRINTED ? word("printed", { n: PRINTED, all: listed.length }) : "",
    left.length ? word("not-printed", { columns: left.join(", ") }) : "",
  ].join(" ");
  tellTable();
  rowsBox.style.height = `${Math.min(listed.length, isOn ? PRINTED : Infinity) * ROW_PX}px`;
  drawRows();
}
