// The page comes up.

function start() {
  if (!DATA.has_history || !DATA.hours.length) {
    byId("chart").replaceChildren();
    put(byId("chart"), "p", undefined, "quiet").dataset.word = DATA.has_history ? "no-chart" : "no-history";
  }
  readColours();
  findCountScale();
  startHead();
  startTable();
  if (stage.isConnected) {
    startControls();
    new ResizeObserver(() => {
      if (printing) return; // the picture is scaled to the paper: emptied now, it would stay blank
      fitCanvas();
      drawAll();
    }).observe(stage);
    const first = DATA.touched.find((orders) => orders.length);
    if (first) view.contract = DATA.orders[first[0]].contract;
  }
  tellAll();
  if (stage.isConnected) {
    fitCanvas();
    showWhole();
  }
  addEventListener("beforeprint", () => {
    printRows(true);
    setTheme("light");
    if (stage.isConnected) drawAll();
  });
  addEventListener("afterprint", () => {
    setTheme(theme);
    printRows(false);
  });
}

start();
