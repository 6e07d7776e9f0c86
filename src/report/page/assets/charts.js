"use strict";
/* Angles over time, one chart per joint. The cursor is the video's time; a click, a drag or a key sets it. */
posekit.AngleCharts = class {
  static HEIGHT_PX = 190;

  constructor(section, data, clock, choice) {
    this.box = section.querySelector("[data-charts]");
    this.data = data;
    this.clock = clock;
    this.choice = choice;
    this.charts = [];
    if (!this.box) return;
    choice.listen((what) => (what === "window_s" ? this.#move() : this.build()));
    document.addEventListener("posekit-theme", () => this.build());
    this.build();
    clock.listen(() => this.#move());
  }

  /** Makes all charts again. The focused element keeps the focus. */
  build() {
    const focused = this.charts.find((chart) => chart.slider === document.activeElement)?.joint;
    for (const chart of this.charts) {
      chart.observer.disconnect();
      chart.plot.destroy();
    }
    this.box.replaceChildren();
    const shown = this.data.curves.curves.filter((curve) => this.choice.shows(curve));
    const joints = this.choice.allJoints.filter((joint) => shown.some((curve) => curve.joint === joint));
    this.charts = joints.map((joint) => this.#chart(joint, shown.filter((curve) => curve.joint === joint)));
    if (joints.length === 0) this.box.append(posekit.element("p", { class: "none" }, "Nothing is selected: choose people, sides and joints."));
    this.#move();
    this.charts.find((chart) => chart.joint === focused)?.slider.focus();
  }

  #chart(joint, curves) {
    const id = `${this.data.slug}-chart-${joint}`;
    const values = curves.map(() => posekit.element("b", {}, "–"));
    const slider = posekit.element("div", {
      class: "plot", role: "slider", tabindex: "0", "aria-label": `Time in the chart of ${posekit.words(joint).toLowerCase()}`,
      "aria-describedby": `${id}-summary ${this.box.dataset.keys}`, "aria-valuemin": "0", "aria-valuemax": this.clock.duration_s.toFixed(3),
    });
    const figure = posekit.element(
      "figure", { class: "chart", "aria-labelledby": `${id}-title` },
      posekit.element("div", { class: "chart-head" }, posekit.element("h3", { id: `${id}-title` }, posekit.words(joint)), this.#legend(curves, values)),
      slider,
      posekit.element("figcaption", { class: "summary", id: `${id}-summary` }, this.#summary(joint, curves)),
    );
    this.box.append(figure);
    const plot = this.#plot(slider, curves);
    const chart = { joint, plot, curves, slider, values };
    chart.observer = posekit.onWidth(slider, (width) => plot.setSize({ width, height: posekit.AngleCharts.HEIGHT_PX }));
    this.#listenToHand(plot);
    slider.addEventListener("keydown", (event) => this.#onKey(event));
    return chart;
  }

  #plot(slider, curves) {
    const tables = curves.map((curve) => [this.data.curves.times_s[curve.times], curve.angle_deg]);
    const series = curves.map((curve) => ({
      stroke: posekit.sideColor(curve.side), width: 1.75, dash: this.choice.dash(curve.person_id), points: { show: false },
    }));
    const options = {
      width: slider.clientWidth || 320,
      height: posekit.AngleCharts.HEIGHT_PX,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, bind: posekit.NO_MOUSE, points: { size: 7, width: 2, fill: () => posekit.color("surface") } },
      scales: { x: { time: false, range: () => this.#span() } },
      axes: [posekit.axis({ size: 26, space: 54, values: (_, ticks) => ticks.map((tick) => `${Number(tick.toFixed(3))} s`) }), posekit.angleAxis()],
      series: [{}, ...series],
      hooks: { drawClear: [(plot) => this.#drawSpans(plot)], draw: [(plot) => { this.#drawEvents(plot); this.#place(plot); }] },
    };
    return new uPlot(options, uPlot.join(tables), slider);
  }

  /** Returns the time range of the charts: all, or a window around the current time, within the video. */
  #span() {
    const { duration_s } = this.clock;
    const { window_s } = this.choice;
    if (window_s <= 0 || window_s >= duration_s) return [0, Math.max(duration_s, 0.001)];
    const first_s = Math.min(Math.max(this.clock.time_s - window_s / 2, 0), duration_s - window_s);
    return [first_s, first_s + window_s];
  }

  /** Sets the cursor of a chart to the clock's time. */
  #place(plot) {
    plot.setCursor({ left: plot.valToPos(this.clock.time_s, "x"), top: 0 }, false);
  }

  #move() {
    const { time_s } = this.clock;
    const [first_s, last_s] = this.#span();
    for (const { plot, slider, curves, values } of this.charts) {
      if (plot.scales.x.min !== first_s || plot.scales.x.max !== last_s) plot.setScale("x", { min: first_s, max: last_s });
      this.#place(plot);
      slider.setAttribute("aria-valuenow", time_s.toFixed(3));
      slider.setAttribute("aria-valuetext", `${posekit.number(time_s, 2)} seconds`);
      curves.forEach((curve, index) => {
        const times_s = this.data.curves.times_s[curve.times];
        const nearest = posekit.nearest(times_s, time_s);
        const isNear = nearest >= 0 && Math.abs(times_s[nearest] - time_s) <= 2 * this.clock.frame_s;
        values[index].textContent = isNear ? `${posekit.number(curve.angle_deg[nearest])}°` : "–";
      });
    }
  }

  #legend(curves, values) {
    const hasPeople = this.data.people.length > 1;
    const entries = curves.map((curve, index) => {
      const name = hasPeople ? `${this.choice.label(curve.person_id)} ${curve.side}` : curve.side;
      return posekit.element("li", {}, posekit.line(curve.side, this.choice.dash(curve.person_id)), `${name} `, values[index]);
    });
    return posekit.element("ul", { class: "legend" }, ...entries);
  }

  /** Describes the chart in a sentence, for screen readers. */
  #summary(joint, curves) {
    const parts = curves.map((curve) => {
      const who = this.data.people.length > 1 ? `${this.choice.label(curve.person_id)} ${curve.side}` : curve.side;
      let [low, high] = [-1, -1];
      curve.angle_deg.forEach((angle, index) => {
        if (angle === null) return;
        if (low < 0 || angle < curve.angle_deg[low]) low = index;
        if (high < 0 || angle > curve.angle_deg[high]) high = index;
      });
      if (low < 0) return `${who} not measured`;
      const time_s = this.data.curves.times_s[curve.times][high];
      return `${who} ${posekit.number(curve.angle_deg[low], 0)}° to ${posekit.number(curve.angle_deg[high], 0)}°, highest at ${posekit.number(time_s, 2)} s`;
    });
    const plane = this.choice.dimension === "3d" ? "in space" : "in the picture";
    return `${posekit.words(joint)} ${plane}: ${parts.join("; ")}.`;
  }

  #drawSpans(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = posekit.color("span");
    for (const { person_id, first_time_s, last_time_s } of this.data.repetitions) {
      if (!this.choice.people.has(person_id)) continue;
      const left = Math.max(plot.valToPos(first_time_s, "x", true), bbox.left);
      const right = Math.min(plot.valToPos(last_time_s, "x", true), bbox.left + bbox.width);
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }

  #drawEvents(plot) {
    const { ctx, bbox } = plot;
    const size = 4 * devicePixelRatio;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([]);
    for (const event of this.data.events) {
      if (!this.choice.people.has(event.person_id)) continue;
      const x = plot.valToPos(event.time_s, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = posekit.sideColor(event.side);
      ctx.globalAlpha = 0.35;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.moveTo(x - size, bbox.top - size);
      ctx.lineTo(x + size, bbox.top - size);
      ctx.lineTo(x, bbox.top + size);
      ctx.fill();
    }
    ctx.restore();
  }

  /** Handles input: a press sets the time, a drag scrubs, and hovering shows the time under the pointer. */
  #listenToHand(plot) {
    const { over } = plot;
    const hover = posekit.element("div", { class: "hover", hidden: true });
    over.append(hover);
    const time = (event) => plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x");
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      over.setPointerCapture(event.pointerId);
      this.clock.seek(time(event));
    });
    over.addEventListener("pointermove", (event) => {
      if (over.hasPointerCapture(event.pointerId)) this.clock.seek(time(event));
      hover.hidden = event.pointerType !== "mouse";
      hover.style.left = `${event.clientX - over.getBoundingClientRect().left}px`;
      hover.textContent = `${posekit.number(time(event), 2)} s`;
    });
    over.addEventListener("pointerleave", () => (hover.hidden = true));
  }

  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { clock } = this;
    const frames = event.shiftKey ? 10 : 1;
    const actions = {
      ArrowLeft: () => clock.step(-frames), ArrowDown: () => clock.step(-frames),
      ArrowRight: () => clock.step(frames), ArrowUp: () => clock.step(frames),
      PageDown: () => clock.seek(clock.time_s - 1), PageUp: () => clock.seek(clock.time_s + 1),
      Home: () => clock.seek(0), End: () => clock.seek(clock.duration_s), " ": () => clock.toggle(),
    };
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  }
};
