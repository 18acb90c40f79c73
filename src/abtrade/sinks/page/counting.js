// The lower chart: the running count, the levels, and the events that reached them.

let countScale = { low: 0, high: 1 };

function countY(value) {
  const top = area.top + area.price + area.middle;
  return top + ((countScale.high - value) / (countScale.high - countScale.low)) * area.count;
}

function findCountScale() {
  const limits = Object.values(DATA.levels);
  let low = Math.min(0, DATA.opening, ...limits);
  let high = Math.max(1e-9, DATA.opening, ...limits);
  for (const { value } of counted) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  countScale = { low, high: high + (high - low) * 0.08 };
}

function drawCounts() {
  const top = area.top + area.price + area.middle;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.lineWidth = 1;
  const step = roundStep(countScale.high - countScale.low, Math.max(2, area.count / 34));
  for (let n = Math.ceil(countScale.low / step); n * step <= countScale.high; n += 1) {
    const y = Math.round(countY(n * step)) + 0.5;
    line(area.left, y, area.left + area.width, y, colours.grid);
    pen.fillStyle = colours.quiet;
    pen.fillText(numberText(n * step), area.left - 7, y);
  }
  within(top, area.count, () => {
    drawTipping(top, area.count);
    drawLevels();
    drawSteps();
    drawReached();
  });
  pen.textAlign = "left";
  pen.textBaseline = "bottom";
  pen.fillStyle = colours.quiet;
  pen.fillText(word("running"), area.left, top - 4);
}

function drawLevels() {
  pen.setLineDash([6, 4]);
  pen.lineWidth = 1.5;
  for (const [level, limit] of Object.entries(DATA.levels)) {
    line(area.left, countY(limit), area.left + area.width, countY(limit), colours[level]);
  }
  pen.setLineDash([]);
}

// A position begins with what was held at the opening. Of the events that fall on one pixel the lowest, the highest and the last are drawn.
function drawSteps() {
  if (!counted.length) return;
  const first = Math.max(0, last(counted, (each) => each.u < view.from));
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1.6;
  pen.beginPath();
  let at = null;
  let y = countY(counted[first].u < view.from ? counted[first].value : DATA.opening);
  pen.moveTo(area.left, y);
  for (let i = first; i < counted.length && counted[i].u <= view.to; i += 1) {
    const x = Math.max(area.left, Math.round(xOf(counted[i].u)));
    const next = countY(counted[i].value);
    if (x !== at) pen.lineTo(x, y);
    if (next !== y) pen.lineTo(x, next);
    [at, y] = [x, next];
  }
  pen.lineTo(Math.min(area.left + area.width, xOf(axis.length)), y);
  pen.stroke();
}

function drawReached() {
  for (const { event, u, level } of tipping) {
    if (u < view.from || u > view.to) continue;
    const value = valueAt("count", event) ?? valueAt("figure", event);
    if (value === null) continue;
    pen.fillStyle = colours[level];
    pen.strokeStyle = colours.back;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(xOf(u), countY(value), 5, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
}
