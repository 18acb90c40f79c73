// What is drawn of a contract: orders as pieces of lines, trades as marks, the market as a line.

const axis = new Axis(DATA.hours);
const SIDES = [null, "buy", "sell"];
const FATES = ["filled", "part", "cancelled", "rested", "rejected", "untold"];
const WIDTHS = [1, 1.75, 2.75, 4];
const GROUPS = SIDES.length * FATES.length * WIDTHS.length;

const scenes = new Map();

function sceneOf(contract) {
  if (!scenes.has(contract)) scenes.set(contract, makeScene(contract));
  return scenes.get(contract);
}

function makeScene(contract) {
  const orders = [];
  DATA.orders.forEach((order, at) => order.contract === contract && orders.push(at));
  const most = Math.max(1, ...chunks(orders.map((at) => DATA.orders[at].lots ?? 0)));
  const pieces = Array.from({ length: GROUPS }, () => []);
  const trades = [];
  const ends = [];
  for (const at of orders) addOrder(at, most, pieces, trades, ends);
  const market = DATA.contracts[contract];
  return {
    pieces: pieces.map((list) => Float64Array.from(list)),
    trades,
    ends,
    market: { u: market ? Float64Array.from(market.ts, (t) => axis.at(t)) : [], price: market?.price ?? [] },
  };
}

// The greatest of each thousand, so that a call never gets too many values.
function chunks(values) {
  const found = [];
  for (let i = 0; i < values.length; i += 1000) found.push(Math.max(...values.slice(i, i + 1000)));
  return found;
}

// Pieces are four numbers each: begin, end, price, order; begin = end: up or down from the price in `end`.
function addOrder(at, most, pieces, trades, ends) {
  const order = DATA.orders[at];
  const share = Math.sqrt((order.lots ?? 0) / most);
  const width = Math.min(WIDTHS.length - 1, Math.floor(share * WIDTHS.length));
  const side = Math.max(0, SIDES.indexOf(order.side));
  const group = pieces[(side * FATES.length + FATES.indexOf(order.fate)) * WIDTHS.length + width];
  let price = order.steps.find((step) => step[STEP.price] !== null)?.[STEP.price] ?? null;
  let from = axis.at(order.steps[0][STEP.ts]);
  let isOver = false;
  order.steps.forEach((step, i) => {
    const u = axis.at(step[STEP.ts]);
    const own = step[STEP.price];
    if (step[STEP.action] === "trade" && own !== null) {
      trades.push({ u, price: own, order: at, step: i, self: step[STEP.self] === 1 });
    }
    if (isOver || price === null) return;
    if (step[STEP.action] === "amend" && own !== null && own !== price) {
      group.push(from, u, price, at, u, NaN, price, at, u, NaN, own, at);
      [from, price] = [u, own];
    }
    if (step[STEP.left] === 0 || step[STEP.action] === "reject") {
      isOver = true;
      group.push(from, u, price, at);
      ends.push({ u, price, order: at, fate: order.fate });
    }
  });
  if (isOver || price === null) return;
  const end = order.lots === null ? axis.at(order.steps.at(-1)[STEP.ts]) : axis.length;
  group.push(from, end, price, at);
}

// Events by the order they are about.
const eventsOf = new Map();
DATA.touched.forEach((orders, event) => {
  for (const order of orders) {
    if (!eventsOf.has(order)) eventsOf.set(order, []);
    eventsOf.get(order).push(event);
  }
});

const eventAt = Float64Array.from(
  { length: EVENTS }, (unused, i) => axis.at(valueAt("ts", i)),
);

// The events after which there is a running count, in order of time.
const counted = [];
for (let i = 0; DATA.has_history && i < EVENTS; i += 1) {
  const value = valueAt("count", i) ?? valueAt("figure", i);
  if (typeof value === "number" && valueAt("left_out", i) === null) {
    counted.push({ event: i, u: eventAt[i], value });
  }
}
counted.sort((a, b) => a.u - b.u || a.event - b.event);

const tipping = [];
for (let i = 0; i < EVENTS; i += 1) {
  const level = codeAt("level", i);
  if (level !== null) tipping.push({ event: i, u: eventAt[i], level });
}
