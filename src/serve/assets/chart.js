// An answer as a chart, drawn by uPlot.

/**
 * Okabe and Ito's colors, which color-blind people can tell apart, and a gray. Yellow and black are left out, because
 * they are invisible on one of the backgrounds.
 */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"];
const MAX_BARS = 300;
const HEIGHT_PX = 380;

let plot = null;
let observer = null;

/**
 * Returns the initial columns: the first measured number over time, or else over the first name; colored by the column
 * that repeats x.
 */
export function firstChoice(answer) {
  const { columns, rows } = answer;
  const numbers = columns.flatMap((column, index) => (column.kind === "number" ? [index] : []));
  if (numbers.length === 0) return null;
  const named = (pattern) => columns.findIndex((column) => pattern.test(column.name));
  const kind = (wanted) => columns.findIndex((column) => column.kind === wanted);
  const time = [named(/^time_s$/), named(/(^|_)time(_s)?$/), kind("time"), named(/(^|_)frame_idx$/)].find((index) => index >= 0);
  const x = time ?? [kind("text"), numbers[0]].find((index) => index >= 0);
  const isMeasured = (index) => index !== x && !/(_id|_idx|^time_s)$/.test(columns[index].name);
  const y = numbers.find(isMeasured) ?? numbers.find((index) => index !== x) ?? x;
  const nValues = (index) => new Set(rows.map((row) => row[index])).size;
  const isGroup = (index) => index !== x && ["text", "bool"].includes(columns[index].kind) && nValues(index) > 1 && nValues(index) <= COLORS.length;
  const color = nValues(x) < rows.length ? columns.findIndex((_, index) => isGroup(index)) : -1;
  return { x, y, color, kind: columns[x].kind === "text" ? "bar" : "line" };
}

function groupsOf(rows, color) {
  if (color < 0) return { names: [], of: () => 0, isCut: false };
  const all = [...new Set(rows.map((row) => String(row[color])))];
  const names = all.slice(0, COLORS.length);
  const places = new Map(names.map((name, index) => [name, index]));
  return { names, of: (row) => places.get(String(row[color])), isCut: all.length > names.length };
}

function numberOf(value) {
  if (value === null) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Returns the position of each row on the x axis, and the names of the axis if it has no numbers. */
function xAxis(answer, rows, { x, kind }) {
  const type = answer.columns[x].kind;
  const isCategory = kind === "bar" || (type !== "number" && type !== "time");
  if (!isCategory) {
    const seconds = (text) => numberOf(Date.parse(/[zZ]|[+-]\d\d(:?\d\d)?$/.test(text) ? text : `${text.replace(" ", "T")}Z`) / 1000);
    return { places: rows.map((row) => (type === "time" && row[x] !== null ? seconds(String(row[x])) : numberOf(row[x]))), isTime: type === "time" };
  }
  const values = [...new Set(rows.map((row) => row[x]))];
  if (type === "number") values.sort((a, b) => Number(a) - Number(b));
  const places = new Map(values.map((value, index) => [value, index]));
  return { places: rows.map((row) => places.get(row[x])), names: values.map((value) => String(value ?? "NULL")), isTime: false };
}

/**
 * Returns uPlot's columns: x ascending, one series per group, values of several groups at one x side by side. Values of
 * another group are undefined, missing values are null.
 */
function aligned(rows, axis, groups, choice) {
  const n = Math.max(groups.names.length, 1);
  const points = rows
    .map((row, index) => ({ x: axis.places[index], y: numberOf(row[choice.y]), group: groups.of(row) }))
    .filter((point) => point.x !== null && point.group !== undefined);
  // Bars of one category stand side by side.
  if (choice.kind === "bar") for (const point of points) point.x += (point.group - (n - 1) / 2) * (0.8 / n);
  points.sort((a, b) => a.x - b.x);
  const data = Array.from({ length: n + 1 }, () => []);
  const [xs, ...series] = data;
  for (const { x, y, group } of points) {
    const isNew = xs.at(-1) !== x || series[group].at(-1) !== undefined;
    if (isNew) for (const column of data) column.push(column === xs ? x : undefined);
    series[group][xs.length - 1] = y;
  }
  return data;
}

function seriesOptions(name, index, n, kind) {
  const color = COLORS[index % COLORS.length];
  const bars = { fill: color, paths: uPlot.paths.bars({ size: [0.8 / n, 90] }), points: { show: false } };
  const scatter = { paths: () => null, points: { show: true, size: 6, fill: color } };
  return { label: name, stroke: color, pxAlign: kind === "bar" ? 1 : 0, width: kind === "bar" ? 0 : 2, ...(kind === "bar" ? bars : kind === "scatter" ? scatter : {}) };
}

function options(answer, axis, groups, choice, width) {
  const style = getComputedStyle(document.documentElement);
  const [text, line] = [style.getPropertyValue("--text"), style.getPropertyValue("--line")];
  const font = "13px system-ui, sans-serif";
  const lines = { stroke: text, font, labelFont: `600 ${font}`, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const [xName, yName] = [answer.columns[choice.x].name, answer.columns[choice.y].name];
  const short = (name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
  // Every name if they fit, else every second, third and so on.
  const splits = () => {
    const step = Math.ceil(axis.names.length / Math.max(1, Math.floor(width / 95)));
    return axis.names.flatMap((_, index) => (index % step === 0 ? [index] : []));
  };
  const names = axis.names ? { splits, values: (_, places) => places.map((place) => short(axis.names[place] ?? "")), grid: { show: false } } : {};
  const xValue = axis.names ? { value: (_, place) => (place === null ? "--" : (axis.names[Math.round(place)] ?? "--")) } : {};
  const n = Math.max(groups.names.length, 1);
  const labels = groups.names.length > 0 ? groups.names : [yName];
  // The outermost bars are completely visible, and bars begin at zero.
  const xScale = axis.names ? { range: () => [-0.6, axis.names.length - 0.4] } : {};
  const yScale = choice.kind === "bar" ? { range: (_, low, high) => uPlot.rangeNum(Math.min(low ?? 0, 0), Math.max(high ?? 1, 0), 0.1, true) } : {};
  return {
    width,
    height: HEIGHT_PX,
    scales: { x: { time: axis.isTime, ...xScale }, y: yScale },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    axes: [{ ...lines, ...names, label: xName }, { ...lines, label: yName, size: 64 }],
    series: [{ label: xName, ...xValue }, ...labels.map((label, index) => seriesOptions(label, index, n, choice.kind))],
  };
}

/** Draws the chart into `place` and returns notes for the reader. */
export function showChart(answer, choice, place) {
  hideChart(place);
  const groups = groupsOf(answer.rows, choice.color);
  const axis = xAxis(answer, answer.rows, choice);
  if (choice.kind === "bar" && axis.names.length > MAX_BARS) return `${axis.names.length} bars are too many: draw a line or points, or group in SQL.`;
  const data = aligned(answer.rows, axis, groups, choice);
  plot = new uPlot(options(answer, axis, groups, choice, place.clientWidth), data, place);
  observer = new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
  observer.observe(place);
  const [x, y] = [answer.columns[choice.x].name, answer.columns[choice.y].name];
  place.setAttribute("aria-label", `${y} over ${x}, ${answer.rows.length} rows. The table has the same values.`);
  const notes = [];
  if (groups.isCut) notes.push(`Only the first ${COLORS.length} values of ${answer.columns[choice.color].name} are drawn.`);
  if (answer.is_cut) notes.push("The answer was cut: later rows are not drawn.");
  return notes.join(" ");
}

/** Removes the chart. */
export function hideChart(place) {
  observer?.disconnect();
  plot?.destroy();
  plot = null;
  place.replaceChildren();
}
