// The page: the query, its answer, and the relations that can be queried.

import { firstChoice, hideChart, showChart } from "./chart.js";
import { csv, showTable } from "./table.js";

const HISTORY_KEY = "posekit.sql.history";
const HISTORY_LENGTH = 50;
const $ = (id) => document.getElementById(id);
const sql = $("sql");
let answer = null;
let choice = null;
let running = null;

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function take(text) {
  sql.value = text;
  sql.focus();
}

// History

function history() {
  try {
    const stored = JSON.parse(localStorage.getItem(HISTORY_KEY));
    return Array.isArray(stored) ? stored.filter((entry) => typeof entry === "string") : [];
  } catch {
    return []; // The browser has no storage.
  }
}

function keep(entries) {
  try {
    localStorage.setItem(HISTORY_KEY, JSON.stringify(entries));
  } catch {
    // The page works without storage.
  }
  showHistory();
}

function showHistory() {
  const entries = history();
  $("history-box").hidden = entries.length === 0;
  $("history").replaceChildren(...entries.map((entry) => queryItem(entry.replace(/\s+/g, " "), entry)));
}

function queryItem(title, text) {
  return element("li", {}, element("button", { type: "button", textContent: title, title: text, onclick: () => take(text) }));
}

// Relations

async function loadSchema() {
  try {
    const response = await fetch("/api/schema");
    const schema = await read(response);
    $("schema-state").hidden = schema.relations.length > 0;
    $("schema-state").textContent = "None";
    $("ask").hidden = !schema.takes_questions;
    $("relations").replaceChildren(...schema.relations.map(relationItem));
    $("examples-box").hidden = schema.examples.length === 0;
    $("examples-box").open = isWide() && schema.examples.length <= 8;
    $("examples").replaceChildren(...schema.examples.map((example) => queryItem(example.title, example.sql)));
    if (sql.value === "" && schema.examples.length > 0) sql.value = schema.examples[0].sql;
  } catch (error) {
    $("schema-state").textContent = `The relations could not be read: ${error.message}`;
  }
}

function relationItem(relation) {
  const columns = relation.columns.map((column) => {
    const kind = element("span", { className: "muted", textContent: column.kind });
    const button = element("button", { type: "button", className: "column", title: `Insert ${column.name}` }, column.name, kind);
    button.onclick = () => {
      sql.focus();
      sql.setRangeText(column.name, sql.selectionStart, sql.selectionEnd, "end");
    };
    return element("li", {}, button);
  });
  const select = element("button", { type: "button", className: "select", textContent: "Select its rows" });
  select.onclick = () => take(`SELECT *\nFROM ${relation.name}\nLIMIT 100`);
  const about = relation.description ? [element("p", { className: "muted", textContent: relation.description })] : [];
  return element("li", {}, element("details", {}, element("summary", { textContent: relation.name }), ...about, select, element("ul", {}, ...columns)));
}

// Queries

/** Returns the JSON of a response, or throws the server's message. */
async function read(response) {
  const text = await response.text();
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || `The server answered ${response.status}.`);
  }
  if (!response.ok) throw new Error(content.error);
  return content;
}

async function run() {
  const asked = sql.value.trim();
  if (asked === "" || running) return;
  running = new AbortController();
  setRunning(true);
  const started = performance.now();
  const clock = setInterval(() => {
    const seconds = Math.floor((performance.now() - started) / 1000);
    if (seconds > 0) $("state").textContent = `Running, ${seconds} s`;
  }, 1000);
  keep([asked, ...history().filter((entry) => entry !== asked)].slice(0, HISTORY_LENGTH));
  try {
    const response = await fetch("/api/query", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sql: sql.value }),
      signal: running.signal,
    });
    show(await read(response));
  } catch (error) {
    $("results").hidden = true;
    if (error.name === "AbortError") $("state").textContent = "Cancelled";
    else showError(error instanceof TypeError ? "The server does not answer. Is `posekit serve` still running?" : error.message);
  } finally {
    clearInterval(clock);
    running = null;
    setRunning(false);
  }
}

function setRunning(isRunning) {
  $("run").disabled = isRunning;
  $("cancel").hidden = !isRunning;
  if (isRunning) {
    $("state").textContent = "Running";
    $("error").replaceChildren();
  }
}

function show(given) {
  answer = given;
  choice = firstChoice(answer);
  const n = answer.rows.length;
  const count = `${n.toLocaleString("en")} ${n === 1 ? "row" : "rows"}`;
  $("state").textContent = `${answer.is_cut ? `The first ${count}; there are more` : count}, ${answer.seconds.toFixed(answer.seconds < 10 ? 2 : 0)} s`;
  $("results").hidden = false;
  $("csv").textContent = answer.is_cut ? "Download these rows as CSV" : "Download CSV";
  showTable(answer, $("table"), $("more"));
  $("as-chart").disabled = choice === null || n === 0;
  fillChoices();
  showAs($("as-chart").disabled ? "table" : $("as-chart").getAttribute("aria-pressed") === "true" ? "chart" : "table");
}

// DuckDB shows the line, shortened around the place, with a caret below it.
function placeOf(message) {
  const found = /^LINE (\d+): (.*)\n( *)\^/m.exec(message);
  if (!found) return null;
  const line = Number(found[1]);
  const text = sql.value.split("\n")[line - 1];
  if (text === undefined) return null;
  let column = found[3].length - `LINE ${line}: `.length;
  let excerpt = found[2];
  if (excerpt.startsWith("...")) {
    excerpt = excerpt.slice(3);
    column -= 3;
  }
  const from = text.indexOf(excerpt.replace(/\.\.\.$/, ""));
  const start = sql.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const at = start + Math.max(0, Math.min(text.length, from < 0 ? 0 : from + column));
  const word = /^\w+|^./.exec(sql.value.slice(at));
  return { line, column: at - start + 1, from: at, to: at + (word ? word[0].length : 0) };
}

function showError(message) {
  $("state").textContent = "";
  const place = placeOf(message);
  const parts = [element("pre", { textContent: message })];
  if (place) {
    const button = element("button", { type: "button", textContent: `Go to line ${place.line}, column ${place.column}` });
    button.onclick = () => {
      sql.focus();
      sql.setSelectionRange(place.from, place.to);
    };
    parts.push(button);
  }
  $("error").replaceChildren(...parts);
}

// Questions in words

async function ask(event) {
  event.preventDefault();
  const question = $("question").value.trim();
  if (question === "" || running) return;
  $("answer-it").disabled = true;
  $("words").replaceChildren("Asking");
  try {
    const response = await fetch("/api/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question }),
    });
    showWords(await read(response));
  } catch (error) {
    $("words").replaceChildren(element("pre", { textContent: error.message }));
  } finally {
    $("answer-it").disabled = false;
  }
}

function showWords(given) {
  const parts = [element("p", { className: "words", textContent: `${given.kind === "refused" ? "No answer: " : ""}${given.text}` })];
  const details = [];
  if (given.understood) details.push(`understood as: ${given.understood}`);
  if (given.model) details.push(`words of ${given.model}; ${given.unproven.length} of its numbers are not in the rows`);
  details.push(...given.moments.map((moment) => `${moment.video} from ${moment.start_s} s to ${moment.end_s} s`));
  details.push(...given.closest.map((example) => `try: ${example}`));
  parts.push(element("ul", { className: "muted" }, ...details.map((text) => element("li", { textContent: text }))));
  $("words").replaceChildren(...parts);
  const query = given.queries.filter((query) => !query.error).at(-1);
  if (!query) return;
  sql.value = query.sql;
  $("error").replaceChildren();
  const { columns, rows, is_cut } = query.table;
  const kind = (place) => (rows.some((row) => typeof row[place] === "number") ? "number" : "text");
  show({ columns: columns.map((name, place) => ({ name, kind: kind(place) })), rows, is_cut, seconds: 0 });
}

// Table or chart

function showAs(view) {
  const isChart = view === "chart";
  $("as-table").setAttribute("aria-pressed", String(!isChart));
  $("as-chart").setAttribute("aria-pressed", String(isChart));
  $("table-view").hidden = isChart;
  $("chart-view").hidden = !isChart;
  if (isChart) drawChart();
  else hideChart($("chart"));
}

function fillChoices() {
  if (!choice) return;
  const option = (index) => new Option(answer.columns[index].name, index);
  const all = answer.columns.map((_, index) => index);
  $("chart-x").replaceChildren(...all.map(option));
  $("chart-y").replaceChildren(...all.filter((index) => answer.columns[index].kind === "number").map(option));
  $("chart-color").replaceChildren(new Option("one color", -1), ...all.map(option));
  for (const name of ["x", "y", "color", "kind"]) $(`chart-${name}`).value = choice[name];
}

function drawChart() {
  choice = { x: Number($("chart-x").value), y: Number($("chart-y").value), color: Number($("chart-color").value), kind: $("chart-kind").value };
  const note = showChart(answer, choice, $("chart"));
  $("chart-note").textContent = note;
  $("chart-note").hidden = note === "";
}

function download() {
  const link = element("a", { href: URL.createObjectURL(new Blob([csv(answer)], { type: "text/csv" })), download: "query.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const isWide = () => matchMedia("(min-width: 50.01rem)").matches;
$("query").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
sql.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  run();
});
$("ask").addEventListener("submit", ask);
$("cancel").addEventListener("click", () => running?.abort());
$("clear-history").addEventListener("click", () => keep([]));
$("as-table").addEventListener("click", () => showAs("table"));
$("as-chart").addEventListener("click", () => showAs("chart"));
$("csv").addEventListener("click", download);
for (const name of ["x", "y", "color", "kind"]) $(`chart-${name}`).addEventListener("change", drawChart);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!$("chart-view").hidden) drawChart();
});

// A report can link to a query. It is filled in, but only the reader runs it.
if (location.hash.length > 1) {
  try {
    sql.value = decodeURIComponent(location.hash.slice(1));
  } catch {
    // Not a query.
  }
}
$("relations-box").open = isWide();
showHistory();
loadSchema();
