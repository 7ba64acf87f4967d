// The page's only script. Everything from the host is text: it is written by textContent, never parsed as markup.

const SVG = "http://www.w3.org/2000/svg";
const number = new Intl.NumberFormat("en-US");
const STALE_MS = 15000;
const CLOSED = { CLOSE: "CLOSED" };
const BOUND = { counted: "", "at-least": "≥", "at-most": "≤", together: "Σ", untold: "" };
const SAID = { counted: "", "at-least": "at least ", "at-most": "at most ", together: "together ", untold: "" };
const meanings = new Map(
  Array.from(byId("meanings").content.querySelectorAll("[data-state]"), (one) => [one.dataset.state, one.textContent]),
);

let frame = null;
let chosen = null;
let opener = null;
let frozen = false;
let arrived = 0;

function byId(id) {
  return document.getElementById(id);
}

function make(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function count(value) {
  return value === null || value === undefined ? "not visible" : number.format(value);
}

function rate(value) {
  return value >= 100 ? number.format(Math.round(value)) : String(Math.round(value * 10) / 10);
}

// A table is its rows: cells are texts, numbers stand to the right. A row with the same texts as before is left alone,
// so that neither focus nor a reader's place is lost.
function table(element, heads, rows, nothing) {
  const line = (cells, tag) => {
    const row = document.createElement("tr");
    cells.forEach((cell, at) => {
      const one = make(tag, cell, heads[at].startsWith("#") ? "number" : "");
      if (tag === "th") one.scope = "col";
      row.append(one);
    });
    return row;
  };
  const key = JSON.stringify([heads, rows]);
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.tHead.replaceChildren(line(heads.map((head) => head.replace("#", "")), "th"));
  const body = rows.map((cells) => line(cells, "td"));
  if (!body.length) {
    const row = document.createElement("tr");
    const cell = make("td", nothing);
    cell.colSpan = heads.length;
    row.append(cell);
    body.push(row);
  }
  element.tBodies[0].replaceChildren(...body);
}

function show() {
  byId("host").textContent = frame.host;
  byId("facts").textContent =
    `Linux ${frame.kernel}  ${frame.netns}  ${frame.taken_at}` + (frame.exact ? "" : "  inexact: sockets changed meanwhile");
  showStates();
  showEdges();
  showCloses();
  showFindings();
  showPlaces();
  if (chosen) showDetail();
}

function showStates() {
  for (const box of document.querySelectorAll(".state")) {
    const state = box.dataset.state;
    const sockets = frame.states[state] ?? 0;
    const shown = state === "CLOSE" && !sockets ? "" : number.format(sockets);
    box.querySelector(".count").textContent = shown;
    box.classList.toggle("some", sockets > 0);
    box.classList.toggle("bare", !shown);
    box.setAttribute("aria-label", `${CLOSED[state] ?? state}, ${shown || "no"} sockets`);
    box.setAttribute("aria-pressed", String(state === chosen));
  }
  byId("total").textContent = `${number.format(frame.total)} TCP sockets`;
}

function showEdges() {
  for (const { id, per_s, known } of frame.edges) {
    const text = per_s === null ? "?" : `${BOUND[known]}${rate(per_s)}/s`;
    const flow = per_s ? Math.min(Math.floor(Math.log10(Math.max(per_s, 1))) + 1, 4) : 0;
    for (const edge of document.querySelectorAll(`.edge[data-edge="${id}"]`)) {
      const label = edge.querySelector(".rate");
      label.textContent = text;
      edge.setAttribute("class", `edge flow${flow}`);
    }
    const cell = document.querySelector(`#edges tr[data-edge="${id}"] .rate`);
    cell.textContent = per_s === null ? "cannot be told" : `${SAID[known]}${rate(per_s)}`;
  }
}

function showCloses() {
  const closes = frame.closes_per_second;
  const most = Math.max(...closes, 1);
  const sum = closes.reduce((one, other) => one + other, 0);
  byId("closes-text").textContent =
    `${number.format(sum)} connections closed first here and remembered; at most ${number.format(most === 1 && !sum ? 0 : most)} in a second.`;
  const bars = closes.map((value, at) => {
    const height = (85 * value) / most;
    return draw("rect", { x: at * 10 + 1, y: 88 - height, width: 8, height: height + 1 });
  });
  byId("closes").replaceChildren(...bars);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showFindings() {
  const { findings, healthy, unknown } = frame;
  const rest = unknown.length ? `${unknown.length} cannot be told` : "the rest is healthy";
  say(byId("verdict"), findings.length
    ? `${findings.map((one) => `${one.severity}: ${one.id}`).join("; ")}; ${rest}.`
    : unknown.length ? `Nothing wrong in sight; ${rest}.` : "All healthy: nothing here needs a change.");
  const list = byId("finding-list");
  const key = JSON.stringify(findings);
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...findings.map(finding));
  }
  const facts = [
    ...healthy.map((one) => [one.id, one.summary]),
    ...unknown.map((one) => [one.id, `cannot tell: ${one.reason}`]),
  ];
  byId("healthy").hidden = !facts.length;
  byId("healthy").querySelector("summary").textContent = `${healthy.length} healthy, ${unknown.length} cannot be told`;
  byId("healthy").querySelector("dl").replaceChildren(
    ...facts.flatMap(([id, text]) => [make("dt", id), make("dd", text)]),
  );
  byId("unseen").textContent = Object.entries(frame.unseen).map(([what, why]) => `Not seen: ${what} (${why}).`).join(" ");
}

function finding(one) {
  const part = make("article", undefined, `finding ${one.severity}`);
  const remedies = document.createElement("ol");
  for (const remedy of one.remedies) {
    const change = remedy.key ? `${remedy.key} = ${remedy.value}. ` : "";
    remedies.append(make("li", `[${remedy.kind}] ${change}${remedy.text}`));
  }
  part.append(
    make("h3", `${one.severity} ${one.id} (confidence: ${one.confidence})`),
    make("p", one.summary), make("p", one.cause), remedies,
  );
  return part;
}

function showPlaces() {
  table(byId("destinations"), ["local > remote:port", "#ports in use", "#TIME_WAIT", "#left", "#opened a second", "ends in", "processes"],
    frame.destinations.map((one) => [
      one.label, count(one.in_use), count(one.time_wait), count(one.headroom), `≥${rate(one.opens_per_s)}`,
      one.exhausted_in_s === null ? "" : `${number.format(one.exhausted_in_s)} s`, one.processes.join(", "),
    ]).concat(frame.other_destinations ? [[`and ${frame.other_destinations} more`, "", "", "", "", "", ""]] : []),
    "no connections opened from here");
  table(byId("listeners"), ["address:port", "#waiting for accept()", "#room", "#half open", "process"],
    frame.listeners.map((one) => [
      one.label, count(one.queue), count(one.capacity), count(one.half_open), one.process ?? "not visible",
    ]).concat(frame.other_listeners ? [[`and ${frame.other_listeners} more`, "", "", "", ""]] : []),
    "nobody listens");
}

function choose(state, from) {
  chosen = state;
  opener = from;
  byId("detail").hidden = false;
  showStates();
  showDetail();
  byId("detail-title").focus();
  byId("detail").scrollIntoView({ block: "nearest" });
}

function leave() {
  if (!chosen) return;
  chosen = null;
  byId("detail").hidden = true;
  showStates();
  opener?.focus();
}

function showDetail() {
  say(byId("detail-title"), `${CLOSED[chosen] ?? chosen}: ${number.format(frame.states[chosen] ?? 0)} sockets`);
  byId("detail-meaning").textContent = meanings.get(chosen) ?? "";
  if (chosen === "LISTEN") {
    table(byId("detail-table"), ["address:port", "#waiting for accept()", "process"],
      frame.listeners.map((one) => [one.label, count(one.queue), one.process ?? "not visible"]), "none");
    byId("detail-rest").textContent = frame.other_listeners ? `and ${frame.other_listeners} more` : "";
    return;
  }
  const found = frame.places[chosen] ?? { places: [], others: 0 };
  const roles = { passive: "the other side", active: "this host" };
  table(byId("detail-table"), ["listener or destination", "#sockets", "opened by", "held by"],
    found.places.map((one) => [one.label, count(one.count), roles[one.role] ?? "not known", one.processes.join(", ")]),
    "none");
  byId("detail-rest").textContent = found.others ? `${number.format(found.others)} more at other places` : "";
}

// The stream. EventSource connects anew by itself.
function listen() {
  const stream = new EventSource("events");
  stream.addEventListener("frame", (event) => {
    arrived = Date.now();
    if (frozen) return;
    frame = JSON.parse(event.data);
    show();
  });
}

function beat() {
  const live = byId("live");
  const late = Date.now() - arrived > STALE_MS;
  live.classList.toggle("stale", late && arrived > 0);
  say(live, frozen ? "frozen" : !arrived ? "connecting" : late ? "no news: the connection is lost" : "live");
}

function freeze() {
  frozen = !frozen;
  byId("pause").setAttribute("aria-pressed", String(frozen));
  document.body.classList.toggle("frozen", frozen);
  beat();
}

const THEMES = { system: "as the system", light: "light", dark: "dark" };

function paint(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Colours: ${THEMES[theme]}`;
  byId("theme").dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

function turn() {
  const order = Object.keys(THEMES);
  paint(order[(order.indexOf(byId("theme").dataset.theme) + 1) % order.length]);
}

async function ask(path) {
  const answer = await fetch(path);
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.error);
  return document;
}

async function showHistory(span) {
  const text = byId("history-text");
  try {
    const found = await ask(`history?span=${span}`);
    text.textContent = found.stretches.length
      ? `${number.format(found.samples)} samples, ${found.first} to ${found.last}: the mean of each state, and its least and most.`
      : "nothing recorded in that time";
    byId("charts").replaceChildren(...Object.keys(found.states).map((state) => chart(state, found)));
  } catch (error) {
    text.textContent = error.message;
  }
}

function chart(state, found) {
  const most = Math.max(found.states[state].most, 1);
  const points = found.stretches.map((one) => [
    ((one.at_ms - found.first_ms) / Math.max(found.last_ms - found.first_ms, 1)) * 300, ...(one.states[state] ?? [0, 0, 0]),
  ]);
  const y = (value) => (68 - (64 * value) / most).toFixed(1);
  const upper = points.map(([x, , top]) => `${x.toFixed(1)},${y(top)}`);
  const lower = points.map(([x, , , low]) => `${x.toFixed(1)},${y(low)}`).reverse();
  const picture = draw("svg", { class: "chart", viewBox: "0 0 300 70", preserveAspectRatio: "none", "aria-hidden": "true" });
  picture.append(
    draw("polygon", { class: "range", points: [...upper, ...lower].join(" ") }),
    draw("polyline", { class: "mean", points: points.map(([x, mean]) => `${x.toFixed(1)},${y(mean)}`).join(" ") }),
  );
  const { least, mean, most: top } = found.states[state];
  const figure = document.createElement("figure");
  figure.append(make("figcaption", `${state}: ${number.format(least)} to ${number.format(top)}, mean ${rate(mean)}`), picture);
  return figure;
}

async function showComparison() {
  const text = byId("compare-text");
  const times = new URLSearchParams({ before: byId("before").value, after: byId("after").value });
  try {
    const found = await ask(`compare?${times}`);
    text.textContent = `${found.before.taken_at} against ${found.after.taken_at}. ${found.verdict}`;
    byId("compare-states").hidden = false;
    table(byId("compare-states"), ["state", "#before", "#after", "#change", ""], found.states.map((one) => [
      one.state, count(one.before), count(one.after), `${one.after > one.before ? "+" : ""}${count(one.after - one.before)}`,
      one.beyond_noise ? "beyond noise" : one.after === one.before ? "" : "within noise",
    ]), "no sockets in either");
    byId("compare-why").replaceChildren(...found.why.map((line) => make("li", line)));
  } catch (error) {
    text.textContent = error.message;
    byId("compare-states").hidden = true;
    byId("compare-why").replaceChildren();
  }
}

for (const box of document.querySelectorAll(".state")) {
  box.addEventListener("click", () => frame && choose(box.dataset.state, box));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (frame) choose(box.dataset.state, box);
  });
}
document.addEventListener("keydown", (event) => event.key === "Escape" && leave());
byId("detail-close").addEventListener("click", leave);
byId("pause").addEventListener("click", freeze);
byId("theme").addEventListener("click", turn);
for (const button of document.querySelectorAll("[data-span]")) {
  button.addEventListener("click", () => {
    for (const one of document.querySelectorAll("[data-span]")) one.setAttribute("aria-pressed", String(one === button));
    showHistory(button.dataset.span);
  });
}
if (byId("hold")) {
  byId("hold").addEventListener("click", showComparison);
  showHistory(3600);
}
paint(localStorage.getItem("theme") in THEMES ? localStorage.getItem("theme") : "system");
setInterval(beat, 1000);
listen();
