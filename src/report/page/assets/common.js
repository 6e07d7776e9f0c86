"use strict";
/*
 * Functions that all scripts of the report share. They are classic scripts, because pages opened from the disk cannot
 * load modules.
 *
 * For tests and for debugging:
 *   posekit.pages[slug].clock   the time: `time_s`, `seek(time_s)`, `step(frames)`, `play()`, `pause()`
 *   posekit.pages[slug].choice  the selection: `people`, `sides`, `joints` (sets), `dimension`, `window_s`
 *   posekit.pages[slug].charts  angles over time: a list of { joint, plot, curves }; `plot` is the uPlot instance, whose cursor
 *                               stands at the clock's time: plot.posToVal(plot.cursor.left, "x")
 *   posekit.pages[slug].cycles  angles over cycles: a list of { joint, plot }
 */
window.posekit = { pages: {} };

posekit.element = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

/** A color of the style sheet, which follows the theme. */
posekit.color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

posekit.sideColor = (side) => posekit.color(side === "left" || side === "right" ? side : "center");

/** A number with a true minus sign, or a dash. */
posekit.number = (value, decimals = 1) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};

/** `toe_off` as "Toe off". */
posekit.words = (name) => {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

posekit.plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** Lines of different people: solid, dashed, dotted, dash and dot. */
posekit.DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** A sample of a line as charts draw it. */
posekit.line = (color, dash) => {
  const make = (tag, attributes) => {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    return shape;
  };
  const svg = make("svg", { class: "line", viewBox: "0 0 26 8", "aria-hidden": "true" });
  svg.append(make("path", { d: "M0 4H26", "stroke-dasharray": dash.join(" ") }));
  svg.style.stroke = `var(--${color})`;
  return svg;
};

/** Returns the index of the sample nearest to a time, in an ascending list; -1 for an empty list. */
posekit.nearest = (times_s, time_s) => {
  let low = 0;
  let high = times_s.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times_s[middle] < time_s) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time_s - times_s[low - 1] < times_s[low] - time_s ? low - 1 : high < 0 ? -1 : low;
};

/** Calls `draw` when the width of a box changes. */
posekit.onWidth = (box, draw) => {
  let width = box.clientWidth;
  const observer = new ResizeObserver(() => {
    if (box.clientWidth === width || box.clientWidth === 0) return;
    width = box.clientWidth;
    draw(width);
  });
  observer.observe(box);
  return observer;
};

/** The axes that all charts have in common. */
posekit.axis = (more = {}) => ({
  stroke: posekit.color("muted"),
  grid: { stroke: posekit.color("grid"), width: 1 },
  ticks: { stroke: posekit.color("grid"), width: 1, size: 4 },
  font: "12px system-ui, sans-serif",
  ...more,
});

posekit.angleAxis = () => posekit.axis({ size: 46, space: 32, values: (_, ticks) => ticks.map((tick) => `${posekit.number(tick, tick % 1 ? 1 : 0)}°`) });

/** uPlot's own mouse handling, switched off. */
posekit.NO_MOUSE = Object.fromEntries(
  ["mousedown", "mouseup", "click", "dblclick", "mousemove", "mouseleave", "mouseenter"].map((name) => [name, () => null]),
);
