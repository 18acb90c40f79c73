// The upper chart: prices of orders, trades and the market. Only what is in view is drawn.

const picture = byId("picture");
const overlay = byId("overlay");
const stage = byId("stage");
const pen = picture.getContext("2d");
const DASHES = { filled: [], part: [9, 3], cancelled: [4, 3], rested: [], rejected: [1, 4], untold: [] };
const FEW = 4000; // pieces in view up to which dashes can be told, and ends are marked

let colours = {};
let taken = new Uint32Array(0); // by pixel: the last stroke that covered it alone
let stroke = 0;
let scale = { low: 0, high: 1 };

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["text", "quiet", "grid", "back", "market", "buy", "sell", "none", "self", "red", "yellow",
                 "chosen"];
  colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function fitCanvas() {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = stage;
  for (const canvas of [picture, overlay]) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
  }
  const inner = height - area.top - area.middle - area.bottom;
  area.width = Math.max(1, width - area.left - area.right);
  area.price = Math.max(1, Math.round(inner * 0.68));
  area.count = Math.max(1, inner - area.price);
  taken = new Uint32Array((Math.ceil(width) + 1) * (area.price + 2));
}

const yOf = (price) => area.top + ((scale.high - price) / (scale.high - scale.low)) * area.price;

function drawAll() {
  pen.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
  const scene = DATA.contracts.length ? sceneOf(view.contract) : null;
  scale = scene ? priceScale(scene) : { low: 0, high: 1, inView: 0 };
  drawGrid();
  within(area.top, area.price, () => {
    drawTipping(area.top, area.price);
    if (!scene) return;
    drawMarket(scene.market);
    drawOrders(scene);
    drawTrades(scene.trades);
  });
  drawCounts();
  drawOverlay();
  byId("window").textContent = windowText();
}

function within(top, height, work) {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, top - 2, area.width, height + 4);
  pen.clip();
  work();
  pen.restore();
}

// The lowest and the highest price in view, and how many pieces of orders are.
function priceScale(scene) {
  let low = Infinity;
  let high = -Infinity;
  let inView = 0;
  const take = (price) => {
    low = Math.min(low, price);
    high = Math.max(high, price);
  };
  for (const list of scene.pieces) {
    for (let i = 0; i < list.length; i += 4) {
      const end = Number.isNaN(list[i + 1]) ? list[i] : list[i + 1];
      if (list[i] > view.to || end < view.from) continue;
      inView += 1;
      take(list[i + 2]);
    }
  }
  const { u, price } = scene.market;
  const [first, end] = [Math.max(0, last(u, (at) => at < view.from)), last(u, (at) => at <= view.to) + 1];
  for (let i = first; i <= Math.min(end, u.length - 1); i += 1) take(price[i]);
  for (const trade of scene.trades) if (trade.u >= view.from && trade.u <= view.to) take(trade.price);
  if (low > high) [low, high] = [0, 1];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.001 || 1;
  return { low: low - margin, high: high + margin, inView };
}

function drawGrid() {
  pen.font = "11px system-ui, sans-serif";
  pen.lineWidth = 1;
  pen.setLineDash([]);
  drawPrices();
  const bottom = area.top + area.price + area.middle + area.count;
  const { found, step } = axis.ticks(view.from, view.to, Math.max(2, area.width / 110));
  pen.textAlign = "center";
  pen.textBaseline = "top";
  let free = -Infinity;
  for (const { u, t } of found) {
    const x = Math.round(xOf(u)) + 0.5;
    line(x, area.top, x, bottom, colours.grid);
    const text = step >= 60e9 ? clockText(t, 0).slice(0, 5) : clockText(t, digitsOf(step));
    const half = pen.measureText(text).width / 2 + 6;
    if (x - half < free) continue;
    free = x + half;
    pen.fillStyle = colours.quiet;
    pen.fillText(text, x, bottom + 6);
  }
  pen.setLineDash([2, 4]);
  for (const u of axis.cuts(view.from, view.to)) line(xOf(u), area.top, xOf(u), bottom, colours.quiet);
  pen.setLineDash([]);
}

function drawPrices() {
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const step = roundStep(scale.high - scale.low, Math.max(2, area.price / 46));
  for (let n = Math.ceil(scale.low / step); n * step <= scale.high; n += 1) {
    const y = Math.round(yOf(n * step)) + 0.5;
    line(area.left, y, area.left + area.width, y, colours.grid);
    pen.fillStyle = colours.quiet;
    pen.fillText(numberText(n * step), area.left - 7, y);
  }
}

function line(x0, y0, x1, y1, colour) {
  pen.strokeStyle = colour;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function drawTipping(top, height) {
  pen.lineWidth = 1.5;
  for (const { u, level } of tipping) {
    if (u >= view.from && u <= view.to) line(xOf(u), top, xOf(u), top + height, colours[level]);
  }
}

// The line breaks where hours were cut out.
function drawMarket({ u, price }) {
  const first = Math.max(0, last(u, (at) => at < view.from));
  const cuts = axis.cuts(view.from, view.to);
  let cut = 0;
  pen.strokeStyle = colours.market;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = first; i < u.length; i += 1) {
    let breaks = i === first;
    while (cut < cuts.length && cuts[cut] <= u[i]) {
      breaks = true;
      cut += 1;
    }
    if (breaks) {
      pen.moveTo(xOf(u[i]) - 1, yOf(price[i])); // so that a lone trade is seen
      pen.lineTo(xOf(u[i]), yOf(price[i]));
    } else pen.lineTo(xOf(u[i]), yOf(price[i]));
    if (u[i] > view.to) break;
  }
  pen.stroke();
}

function drawOrders(scene) {
  const few = scale.inView <= FEW;
  scene.pieces.forEach((list, group) => {
    if (!list.length) return;
    const width = WIDTHS[group % WIDTHS.length];
    const fate = FATES[Math.floor(group / WIDTHS.length) % FATES.length];
    const side = SIDES[Math.floor(group / WIDTHS.length / FATES.length)] ?? "none";
    pen.strokeStyle = colours[side];
    pen.lineWidth = width;
    pen.globalAlpha = fate === "cancelled" || fate === "rejected" ? 0.75 : 1;
    pen.setLineDash(few ? DASHES[fate] : []);
    drawPieces(list);
  });
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  if (few) drawEnds(scene.ends);
}

// Pieces shorter than a pixel that fall on one another are drawn once.
function drawPieces(list) {
  const row = Math.ceil(stage.clientWidth) + 1;
  const right = area.left + area.width;
  stroke += 1;
  let joint = NaN; // the y that an amend left
  pen.beginPath();
  for (let i = 0; i < list.length; i += 4) {
    if (list[i] > view.to) {
      joint = NaN;
      continue;
    }
    const y = yOf(list[i + 2]);
    const x = xOf(list[i]);
    if (Number.isNaN(list[i + 1])) {
      if (!Number.isNaN(joint) && x >= area.left) {
        pen.moveTo(x, joint);
        pen.lineTo(x, y);
        joint = NaN;
      } else joint = y;
      continue;
    }
    joint = NaN;
    if (list[i + 1] < view.from) continue;
    const end = xOf(list[i + 1]);
    const [from, to] = [Math.max(x, area.left - 2), Math.min(Math.max(end, x + 1), right + 2)];
    if (to - from <= 1.5) {
      const at = Math.round(y - area.top) * row + Math.round(from);
      if (taken[at] === stroke) continue;
      taken[at] = stroke;
    }
    pen.moveTo(from, y);
    pen.lineTo(to, y);
  }
  pen.stroke();
}

// A cross where an order was cancelled, a bar where trades used it up.
function drawEnds(ends) {
  pen.lineWidth = 1.2;
  for (const side of SIDES) {
    pen.strokeStyle = colours[side ?? "none"];
    pen.beginPath();
    for (const { u, price, order, fate } of ends) {
      if (u < view.from || u > view.to || DATA.orders[order].side !== side) continue;
      const [x, y] = [xOf(u), yOf(price)];
      if (fate === "filled") {
        pen.moveTo(x, y - 4);
        pen.lineTo(x, y + 4);
      } else {
        pen.moveTo(x - 3, y - 3);
        pen.lineTo(x + 3, y + 3);
        pen.moveTo(x - 3, y + 3);
        pen.lineTo(x + 3, y - 3);
      }
    }
    pen.stroke();
  }
}

// Trades are dots, self-trades diamonds with a rim.
function drawTrades(trades) {
  for (const side of SIDES) {
    pen.fillStyle = colours[side ?? "none"];
    pen.beginPath();
    for (const { u, price, order, self } of trades) {
      if (self || u < view.from || u > view.to || DATA.orders[order].side !== side) continue;
      const [x, y] = [xOf(u), yOf(price)];
      pen.moveTo(x + 3, y);
      pen.arc(x, y, 3, 0, 2 * Math.PI);
    }
    pen.fill();
  }
  pen.fillStyle = colours.self;
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const { u, price, self } of trades) {
    if (!self || u < view.from || u > view.to) continue;
    diamond(pen, xOf(u), yOf(price), 5.5);
  }
  pen.fill();
  pen.stroke();
}

function diamond(context, x, y, r) {
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}

function windowText() {
  const [from, to] = [axis.time(view.from), axis.time(view.to)];
  const digits = to - from < 10e9 ? 6 : 0;
  return `${dayText(from)} ${clockText(from, digits)} – ${dayText(to)} ${clockText(to, digits)}`;
}
