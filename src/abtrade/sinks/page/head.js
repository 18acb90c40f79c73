// The head of the page: language, light or dark, and what is known of the alert.

const THEMES = ["auto", "light", "dark"];
let theme = "auto";

function startHead() {
  byId("lang").addEventListener("click", () => {
    lang = lang === "en" ? "zh" : "en";
    tellAll();
  });
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    setTheme(theme);
    byId("theme").textContent = word(`theme.${theme}`);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(theme));
}

function setTheme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  readColours();
  redraw();
}

function tellAll() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = word(element.dataset.title);
    element.setAttribute("aria-label", element.title);
  }
  byId("lang").textContent = word("other-language");
  byId("theme").textContent = word(`theme.${theme}`);
  tellAlert();
  if (stage.isConnected) tellChart();
  tellChoices(byId("shown"), ["all", "counted", "left_out", "level"].map((name) => [name, word(`show.${name}`)]));
  tellTable();
  redraw();
}

function tellAlert() {
  byId("level").textContent = word(`level.${DATA.alert.level}`);
  byId("level").className = DATA.alert.level;
  byId("title").textContent = `${DATA.title[lang]}  ${DATA.alert.alert_id}`;
  byId("clause").textContent = DATA.clause[lang];
  byId("message").textContent = DATA.message[lang];
  const facts = byId("facts");
  facts.replaceChildren();
  for (const [label, value] of DATA.facts[lang]) {
    const fact = put(facts, "div");
    put(fact, "dt", label);
    put(fact, "dd", value);
  }
  byId("said").textContent = DATA.said[lang];
}

function tellChart() {
  const names = DATA.contracts.map(({ exchange, contract }, i) => [String(i), `${exchange} ${contract}`]);
  tellChoices(byId("contract"), names);
  byId("contract").value = String(view.contract);
  byId("contract-label").hidden = names.length < 2;
  const market = DATA.contracts[view.contract];
  const said = [word("orders-said", { n: DATA.orders.length })];
  if (market) {
    const key = market.thinned ? "market-thinned" : "market-said";
    said.push(word(key, { n: market.trades, lots: market.lots, kept: market.ts.length }));
  }
  said.push(word("cuts-said", { n: Math.max(0, DATA.hours.length - 1) }));
  byId("chart-said").textContent = said.join(" ");
  stage.setAttribute("aria-label", word("chart"));
  const legend = byId("legend");
  legend.replaceChildren();
  for (const name of ["buy", "sell", "filled", "part", "cancelled", "rested", "trade", "self", "market"]) {
    const item = put(legend, "span", undefined, "item");
    put(item, "i", undefined, `key ${name}`);
    put(item, "span", word(`legend.${name}`));
  }
}

function tellChoices(select, choices) {
  const chosen = select.value;
  select.replaceChildren();
  for (const [value, text] of choices) put(select, "option", text).value = value;
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}
