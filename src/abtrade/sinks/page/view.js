// What is in view: the contract, the stretch of time, what was chosen and what is pointed at.

const view = { contract: 0, from: 0, to: axis.length, event: -1, order: -1, near: null, drag: null };
const SHORTEST_NS = 1000;
const area = { left: 66, right: 14, top: 10, width: 1, price: 1, middle: 30, count: 1, bottom: 26 };

const xOf = (u) => area.left + ((u - view.from) / (view.to - view.from)) * area.width;
const uOf = (x) => view.from + ((x - area.left) / area.width) * (view.to - view.from);

function showStretch(from, to) {
  const length = Math.min(axis.length, Math.max(SHORTEST_NS, to - from));
  const begin = Math.min(Math.max(0, (from + to - length) / 2), axis.length - length);
  view.from = begin;
  view.to = begin + length;
  redraw();
}

function zoom(factor, u = (view.from + view.to) / 2) {
  const length = Math.max(SHORTEST_NS, (view.to - view.from) * factor);
  const share = (u - view.from) / (view.to - view.from);
  pin(u - share * length, length);
}

function pan(share) {
  const length = view.to - view.from;
  pin(view.from + share * length, length);
}

// Shows a stretch of a length, moved back to the day where it would leave it.
function pin(from, length) {
  const shown = Math.min(length, axis.length);
  const begin = Math.min(Math.max(0, from), axis.length - shown);
  showStretch(begin, begin + shown);
}

function showWhole() {
  showStretch(0, axis.length);
}

// Shows all events and a little beside them.
function showEvents() {
  if (!EVENTS) return showWhole();
  const first = eventAt.reduce((a, b) => Math.min(a, b));
  const end = eventAt.reduce((a, b) => Math.max(a, b));
  const margin = Math.max(SHORTEST_NS, (end - first) * 0.03);
  return showStretch(first - margin, end + margin);
}

// Moves the chart to an event; from afar it comes near enough to tell it from its neighbours.
function goTo(event) {
  const order = DATA.touched[event]?.[0];
  if (order !== undefined) showContract(DATA.orders[order].contract);
  const length = Math.min(view.to - view.from, axis.length / 12);
  if (eventAt[event] < view.from || eventAt[event] > view.to || length < view.to - view.from) {
    pin(eventAt[event] - length / 2, length);
  }
  redraw();
}

function showContract(contract) {
  if (contract === view.contract) return;
  view.contract = contract;
  tellChart();
  redraw();
}

let isAsked = false;

function redraw() {
  if (isAsked || !stage.isConnected) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    drawAll();
  });
}
