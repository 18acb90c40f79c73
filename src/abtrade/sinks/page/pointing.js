// What the pointer is at: the nearest order, trade or event, told in full beside it.

const REACH = 7; // pixels
const STEPS_TOLD = 12;
const over = overlay.getContext("2d");
const tip = byId("tip");

// {kind, order, step, event, x, y} or null.
function nearest(x, y) {
  if (x < area.left || x > area.left + area.width) return null;
  const lower = area.top + area.price + area.middle / 2;
  if (y > lower) return nearestEvent(x);
  return DATA.contracts.length ? nearestOrder(x, y) : null;
}

function nearestEvent(x) {
  let best = null;
  for (let i = Math.max(0, last(counted, (each) => each.u < uOf(x - 30))); i < counted.length; i += 1) {
    const { event, u, value } = counted[i];
    const at = xOf(u);
    if (at > x + 30) break;
    const distance = Math.abs(at - x);
    if (distance <= 30 && (!best || distance < best.distance)) {
      best = { kind: "event", event, order: DATA.touched[event]?.[0] ?? -1, x: at, y: countY(value), distance };
    }
  }
  return best;
}

function nearestOrder(x, y) {
  const scene = sceneOf(view.contract);
  let best = null;
  const take = (distance, found) => {
    if (distance <= REACH && (!best || distance < best.distance)) best = { ...found, distance };
  };
  for (const trade of scene.trades) {
    if (trade.u < view.from || trade.u > view.to) continue;
    const [tx, ty] = [xOf(trade.u), yOf(trade.price)];
    const distance = Math.max(0, Math.hypot(tx - x, ty - y) - 2);
    take(distance, { kind: "trade", order: trade.order, step: trade.step, x: tx, y: ty });
  }
  for (const list of scene.pieces) {
    for (let i = 0; i < list.length; i += 4) {
      if (Number.isNaN(list[i + 1]) || list[i] > view.to || list[i + 1] < view.from) continue;
      const py = yOf(list[i + 2]);
      if (Math.abs(py - y) > REACH) continue;
      const px = Math.min(Math.max(x, xOf(list[i])), xOf(list[i + 1]));
      take(Math.hypot(px - x, py - y), { kind: "order", order: list[i + 3], x: px, y: py });
    }
  }
  return best && { ...best, event: eventNear(best) };
}

// The order's event at a step, else the last one: what became of it.
function eventNear({ order, step }) {
  const events = eventsOf.get(order) ?? [];
  if (step === undefined) return events.at(-1) ?? -1;
  const seq = DATA.orders[order].steps[step][STEP.seq];
  return events.find((event) => valueAt("seq", event) === seq) ?? events.at(-1) ?? -1;
}

function point(found, x, y) {
  view.near = found;
  drawOverlay();
  if (!found) {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren();
  if (found.order >= 0) tellOrder(DATA.orders[found.order], found.step);
  if (found.event >= 0) tellEvent(found.event);
  tip.hidden = false;
  const left = x + 16 + tip.offsetWidth > stage.clientWidth ? x - tip.offsetWidth - 12 : x + 16;
  tip.style.left = `${Math.max(2, left)}px`;
  tip.style.top = `${Math.max(2, Math.min(y + 12, stage.clientHeight - tip.offsetHeight - 4))}px`;
}

function tellOrder(order, step) {
  const side = word(`side.${order.side ?? "none"}`);
  put(tip, "b", word("order-said", { id: order.id, account: order.account }));
  const lots = order.lots === null ? word("not-opened") : word("lots-said", { lots: order.lots });
  put(tip, "div", `${side} · ${lots} · ${word(`fate.${order.fate}`)}`);
  const first = step === undefined ? 0 : Math.max(0, step - STEPS_TOLD + 1);
  const told = order.steps.slice(first, first + STEPS_TOLD);
  const list = put(tip, "ul");
  told.forEach((each, i) => {
    const item = put(list, "li", stepText(each));
    if (first + i === step) item.className = "chosen";
  });
  const more = order.steps.length - told.length;
  if (more > 0) put(tip, "div", word("more", { n: more }), "quiet");
}

function stepText(step) {
  const parts = [clockText(step[STEP.ts]), word(`action.${step[STEP.action]}`)];
  if (step[STEP.lots] !== null) parts.push(word("lots-said", { lots: step[STEP.lots] }));
  if (step[STEP.price] !== null) parts.push(`@ ${numberText(step[STEP.price])}`);
  if (step[STEP.left] !== null) parts.push(word("left", { lots: step[STEP.left] }));
  if (step[STEP.self]) parts.push(word("self"));
  parts.push(`seq ${step[STEP.seq]}`);
  return parts.join("  ");
}

function tellEvent(event) {
  const list = put(tip, "dl");
  for (const column of DATA.events.columns) {
    const text = cellText(column, event);
    if (text === "" || NOT_TOLD.has(column.name)) continue;
    put(list, "dt", headerText(column));
    put(list, "dd", text);
  }
}

const NOT_TOLD = new Set(["file", "row", "order_life", "contra_life"]);

function drawOverlay() {
  over.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
  if (view.event >= 0) {
    const x = xOf(eventAt[view.event]);
    if (x >= area.left && x <= area.left + area.width) {
      over.strokeStyle = colours.chosen;
      over.lineWidth = 1.5;
      over.beginPath();
      over.moveTo(x, area.top);
      over.lineTo(x, area.top + area.price + area.middle + area.count);
      over.stroke();
    }
  }
  markOrder(view.order, 2.5);
  if (view.near) {
    markOrder(view.near.order, 1.5);
    over.strokeStyle = colours.chosen;
    over.lineWidth = 2;
    over.beginPath();
    over.arc(view.near.x, view.near.y, 7, 0, 2 * Math.PI);
    over.stroke();
  }
  if (view.drag?.kind === "range") {
    over.fillStyle = colours.chosen;
    over.globalAlpha = 0.18;
    over.fillRect(view.drag.x, area.top, view.drag.now - view.drag.x, stage.clientHeight - area.top - area.bottom);
    over.globalAlpha = 1;
  }
}

// Draws an order once more, so that it stands out from those beneath it.
function markOrder(at, width) {
  const order = DATA.orders[at];
  if (!order || order.contract !== view.contract) return;
  const lists = Array.from({ length: GROUPS }, () => []);
  addOrder(at, 1, lists, [], []);
  over.save();
  over.beginPath();
  over.rect(area.left, area.top - 2, area.width, area.price + 4);
  over.clip();
  over.strokeStyle = colours.chosen;
  over.lineWidth = width + 2;
  over.globalAlpha = 0.75;
  over.beginPath();
  for (const list of lists) {
    for (let i = 0; i < list.length; i += 4) {
      const y = yOf(list[i + 2]);
      if (Number.isNaN(list[i + 1])) continue;
      const from = Math.max(area.left - 5, xOf(list[i]));
      over.moveTo(from, y);
      over.lineTo(Math.max(from + 2, Math.min(area.left + area.width + 5, xOf(list[i + 1]))), y);
    }
  }
  over.stroke();
  over.restore();
}
