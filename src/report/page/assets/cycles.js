"use strict";
/* Mean and spread of angles over strides or repetitions, left against right. */
posekit.CycleCharts = class {
  static HEIGHT_PX = 180;

  constructor(section, data, choice) {
    this.box = section.querySelector("[data-cycles]");
    this.data = data;
    this.choice = choice;
    this.charts = [];
    if (!this.box) return;
    this.form = section.querySelector("[data-cycle-choices]");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.#buildForm();
    choice.listen((what) => what !== "window_s" && this.build());
    document.addEventListener("posekit-theme", () => this.build());
    this.build();
  }

  #buildForm() {
    const groups = new Map();
    for (const { person_id, kind } of this.data.cycles) groups.set(`${kind}/${person_id}`, { kind, person_id });
    const isStride = (group) => group.kind === "stride";
    this.groups = [...groups.values()].sort((a, b) => isStride(b) - isStride(a) || a.person_id - b.person_id);
    const named = (group) => `${posekit.words(group.kind)}s of ${this.choice.label(group.person_id)}`;
    const options = this.groups.map((group, index) => posekit.element("option", { value: index }, named(group)));
    this.select = posekit.element("select", { onchange: () => this.build() }, ...options);
    this.form.append(posekit.element("label", { class: "check" }, "Cycles ", this.select));
  }

  build() {
    for (const chart of this.charts) {
      chart.observer.disconnect();
      chart.plot.destroy();
    }
    this.box.replaceChildren();
    const { kind, person_id } = this.groups[Number(this.select.value)];
    const shown = this.data.cycles.filter((cycle) => {
      const isOwnSide = cycle.side === "both" || cycle.side === cycle.joint_side;
      const isChosen = this.choice.joints.has(cycle.joint) && this.choice.sides.has(cycle.joint_side);
      return cycle.kind === kind && cycle.person_id === person_id && isOwnSide && isChosen;
    });
    const joints = [...new Set(shown.map((cycle) => cycle.joint))];
    this.charts = joints.map((joint) => this.#chart(joint, kind, shown.filter((cycle) => cycle.joint === joint)));
    if (joints.length === 0) this.box.append(posekit.element("p", { class: "none" }, "No cycles of the selected joints and sides."));
  }

  #chart(joint, kind, cycles) {
    const summary = this.#summary(joint, kind, cycles);
    const values = cycles.map(() => posekit.element("b", {}));
    const entries = cycles.map((cycle, index) =>
      posekit.element("li", {}, posekit.element("i", { class: `swatch swatch-${cycle.joint_side}` }), `${cycle.joint_side}, n = ${cycle.n_cycles} `, values[index]));
    const box = posekit.element("div", { class: "plot", role: "img", "aria-label": summary });
    this.box.append(posekit.element(
      "figure", { class: "chart" },
      posekit.element("div", { class: "chart-head" }, posekit.element("h3", {}, posekit.words(joint)), posekit.element("ul", { class: "legend" }, ...entries)),
      box,
      posekit.element("figcaption", { class: "summary" }, summary),
    ));
    const plot = this.#plot(box, cycles, values);
    const observer = posekit.onWidth(box, (width) => plot.setSize({ width, height: posekit.CycleCharts.HEIGHT_PX }));
    return { joint, plot, observer };
  }

  #angles(cycle) {
    const is3d = this.choice.dimension === "3d";
    return is3d ? [cycle.mean_3d_deg, cycle.spread_3d_deg] : [cycle.mean_2d_deg, cycle.spread_2d_deg];
  }

  #plot(box, cycles, values) {
    const percents = Array.from({ length: 101 }, (_, percent) => percent);
    const columns = [percents];
    const [series, bands] = [[{}], []];
    for (const cycle of cycles) {
      const [means, spreads] = this.#angles(cycle);
      const shifted = (sign) => means.map((mean, index) => (mean === null ? null : mean + sign * (spreads[index] ?? 0)));
      const color = posekit.sideColor(cycle.joint_side);
      bands.push({ series: [columns.length + 1, columns.length + 2], fill: `color-mix(in srgb, ${color} 18%, transparent)` });
      columns.push(means, shifted(1), shifted(-1));
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      series.push({ stroke: color, width: 2, points: { show: false } }, edge, edge);
    }
    const show = (plot) => values.forEach((value, index) => {
      const mean = plot.cursor.idx === null || plot.cursor.idx === undefined ? null : columns[1 + 3 * index][plot.cursor.idx];
      value.textContent = mean === null || mean === undefined ? "" : `${posekit.number(mean)}° at ${plot.cursor.idx} %`;
    });
    const options = {
      width: box.clientWidth || 320, height: posekit.CycleCharts.HEIGHT_PX, padding: [8, 24, 0, 0], legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: [0, 100] } },
      axes: [posekit.axis({ size: 26, space: 48, values: (_, ticks) => ticks.map((tick) => `${tick} %`) }), posekit.angleAxis()],
      series, bands, hooks: { setCursor: [show] },
    };
    return new uPlot(options, columns, box);
  }

  #summary(joint, kind, cycles) {
    const parts = cycles.map((cycle) => {
      const means = this.#angles(cycle)[0].filter((mean) => mean !== null);
      if (means.length === 0) return `${cycle.joint_side} not measured`;
      const spreads = this.#angles(cycle)[1].filter((spread) => spread !== null);
      const spread = spreads.reduce((sum, value) => sum + value, 0) / Math.max(spreads.length, 1);
      return `${cycle.joint_side} ${posekit.number(Math.min(...means), 0)}° to ${posekit.number(Math.max(...means), 0)}°, mean spread ${posekit.number(spread)}°, ${posekit.plural(cycle.n_cycles, "cycle", "cycles")}`;
    });
    return `${posekit.words(joint)} over a ${kind}: ${parts.join("; ")}.`;
  }
};
