// Zoom and pan: by the wheel, by dragging, by keys and buttons.

const CLICK = 4; // pixels a pointer may move in a click

function placeOf(event) {
  const box = stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

const inChart = (x) => Math.min(Math.max(x, area.left), area.left + area.width);

function startControls() {
  stage.addEventListener("wheel", turnWheel, { passive: false });
  stage.addEventListener("pointerdown", startDrag);
  stage.addEventListener("pointermove", moveDrag);
  stage.addEventListener("pointerup", endDrag);
  stage.addEventListener("pointercancel", dropDrag);
  stage.addEventListener("pointerleave", () => point(null));
  stage.addEventListener("dblclick", showWhole);
  stage.addEventListener("keydown", pressKey);
  for (const [id, work] of Object.entries({
    "zoom-in": () => zoom(0.5),
    "zoom-out": () => zoom(2),
    "pan-left": () => pan(-0.25),
    "pan-right": () => pan(0.25),
    whole: showWhole,
    fit: showEvents,
  })) byId(id).addEventListener("click", work);
  byId("contract").addEventListener("change", (event) => showContract(Number(event.target.value)));
}

function turnWheel(event) {
  event.preventDefault();
  const size = event.deltaMode === 1 ? 33 : 1;
  const across = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (Math.abs(across) > Math.abs(event.deltaY) || event.shiftKey) pan((across * size) / area.width);
  else zoom(Math.exp(Math.max(-300, Math.min(300, event.deltaY * size)) * 0.002), uOf(inChart(placeOf(event)[0])));
}

// Dragging chooses a stretch; with Shift, below the chart or by touch it moves the chart.
function startDrag(event) {
  if (event.button > 1) return;
  const [x, y] = placeOf(event);
  const moves = event.shiftKey || event.button === 1 || event.pointerType === "touch"
    || y > stage.clientHeight - area.bottom;
  view.drag = { kind: moves ? "move" : "range", x: inChart(x), now: inChart(x), from: view.from, y };
  stage.setPointerCapture(event.pointerId);
}

function moveDrag(event) {
  const [x, y] = placeOf(event);
  const { drag } = view;
  if (!drag) {
    point(nearest(x, y), x, y);
    return;
  }
  drag.now = inChart(x);
  if (drag.kind === "move") {
    const length = view.to - view.from;
    pin(drag.from - ((x - drag.x) / area.width) * length, length);
  } else drawOverlay();
}

function endDrag(event) {
  const { drag } = view;
  view.drag = null;
  if (!drag) return;
  const [x, y] = placeOf(event);
  if (Math.abs(drag.now - drag.x) < CLICK) choose(nearest(x, y));
  else if (drag.kind === "range") showStretch(...[uOf(drag.x), uOf(drag.now)].sort((a, b) => a - b));
  drawOverlay();
}

function dropDrag() {
  view.drag = null;
  drawOverlay();
}

function choose(found) {
  if (!found) return;
  view.order = found.order;
  if (found.event >= 0) showRow(found.event);
  redraw();
}

function pressKey(event) {
  const work = {
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    ArrowLeft: () => pan(-0.2),
    ArrowRight: () => pan(0.2),
    Home: () => pin(0, view.to - view.from),
    End: () => pin(axis.length, view.to - view.from),
    0: showWhole,
    e: showEvents,
    Escape: () => point(null),
  }[event.key];
  if (!work || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  work();
}
