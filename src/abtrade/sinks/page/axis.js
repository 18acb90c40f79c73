// The time axis: hours without trading are cut out. u is the trading time since the first row, in ns.

class Axis {
  constructor(hours) {
    this.hours = hours;
    this.begins = [];
    let total = 0;
    for (const [start, end] of hours) {
      this.begins.push(total);
      total += end - start;
    }
    this.length = Math.max(total, 1);
  }

  // A time within a pause stands at the pause.
  at(t) {
    const i = last(this.hours, (span) => span[0] <= t);
    if (i < 0) return 0;
    const [start, end] = this.hours[i];
    return this.begins[i] + Math.min(t, end) - start;
  }

  time(u) {
    const i = Math.max(0, last(this.begins, (begin) => begin <= u));
    return this.hours.length ? Math.min(this.hours[i][0] + u - this.begins[i], this.hours[i][1]) : u;
  }

  // Where hours were cut out, strictly between two places.
  cuts(from, to) {
    return this.begins.filter((begin, i) => i > 0 && begin > from && begin < to);
  }

  // Places of round times, at most about `most` of them, with the step between them.
  ticks(from, to, most) {
    const step = ROUND_NS.find((each) => (to - from) / each <= most) ?? ROUND_NS.at(-1);
    const found = [];
    this.hours.forEach(([start, end], i) => {
      const low = Math.max(start, start + from - this.begins[i]);
      const high = Math.min(end, start + to - this.begins[i]);
      for (let t = Math.ceil(low / step) * step; t <= high; t += step) {
        found.push({ u: this.begins[i] + t - start, t });
      }
    });
    return { found, step };
  }
}

const ROUND_NS = [];
for (const unit of [1, 1e3, 1e6]) {
  for (const n of [1, 2, 5, 10, 20, 50, 100, 200, 500]) ROUND_NS.push(n * unit);
}
for (const s of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]) {
  ROUND_NS.push(s * 1e9);
}

// The last place whose item passes; those that pass stand first. -1: none does.
function last(items, passes) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// How many digits of the second tell steps apart.
function digitsOf(step) {
  if (step >= 1e9) return 0;
  if (step >= 1e6) return 3;
  return step >= 1e3 ? 6 : 9;
}

function roundStep(span, most) {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= rough);
}
