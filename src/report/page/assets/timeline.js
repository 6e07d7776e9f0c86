"use strict";
/* The time line: a lane for each person's repetitions, phases and kinds of events. Marks are buttons that set the time. */
posekit.Timeline = class {
  constructor(section, data, clock, choice) {
    this.box = section.querySelector("[data-timeline]");
    this.data = data;
    this.clock = clock;
    this.choice = choice;
    this.heads = [];
    const hasMarks = data.events.length + data.repetitions.length + data.phases.length > 0;
    this.box.hidden = !hasMarks;
    if (!hasMarks) return;
    choice.listen((what) => what === "people" && this.build());
    this.build();
    clock.listen((time_s) => this.#move(time_s));
    posekit.onWidth(this.box, () => this.#fit());
  }

  build() {
    this.box.replaceChildren();
    this.heads = [];
    for (const { person_id } of this.data.people) {
      if (this.choice.people.has(person_id)) this.#person(person_id);
    }
    this.#move(this.clock.time_s);
    this.#fit();
  }

  /**
   * Leaves out labels that do not fit. Numbers reach beyond their spans, so they are left out in round steps until no
   * two touch. Words end with an ellipsis, and are left out of spans that have room for a few letters only.
   */
  #fit() {
    const spans = [...this.box.querySelectorAll(".span")];
    for (const span of spans) span.textContent = span.dataset.text;
    const sizes = new Map(spans.map((span) => [span, { left: span.offsetLeft, inner: span.clientWidth, text: span.scrollWidth }]));
    const isCut = (span) => sizes.get(span).text > sizes.get(span).inner;
    for (const track of new Set(spans.map((span) => span.parentElement))) {
      const [numbers, words] = [[...track.querySelectorAll(".ordinal")], [...track.querySelectorAll(".span:not(.ordinal)")]];
      for (const span of words) if (isCut(span) && sizes.get(span).inner < 30) span.textContent = "";
      const shown = (step) => numbers.filter((span) => Number(span.dataset.text) % step === 0);
      const touch = (span, next) => next && isCut(span) && sizes.get(span).left + sizes.get(span).text + 4 > sizes.get(next).left;
      const isClear = (step) => shown(step).every((span, index, all) => !touch(span, all[index + 1]));
      const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
      const round = shown(steps.find(isClear) ?? Infinity);
      const kept = new Set(round.length > 0 ? round : numbers.slice(0, 1));
      for (const span of numbers) if (!kept.has(span)) span.textContent = "";
    }
  }

  #person(person_id) {
    const own = (rows) => rows.filter((row) => row.person_id === person_id).sort((a, b) => (a.time_s ?? a.first_time_s) - (b.time_s ?? b.first_time_s));
    const [repetitions, phases, events] = [own(this.data.repetitions), own(this.data.phases), own(this.data.events)];
    if (repetitions.length + phases.length + events.length === 0) return;
    if (this.data.people.length > 1) this.box.append(posekit.element("h3", {}, this.choice.label(person_id)));
    const exercise = repetitions[0]?.exercise;
    const what = exercise && exercise !== "unnamed" ? `${posekit.words(exercise)}s` : "Repetitions";
    this.#lane(person_id, what, repetitions.map((row) => this.#span(row, "span ordinal", String(row.repetition), `Repetition ${row.repetition}`)));
    this.#lane(person_id, "Phases", phases.map((row) => this.#span(row, "span", posekit.words(row.phase), `${posekit.words(row.phase)}, attempt ${row.attempt}`)));
    for (const kind of new Set(events.map((event) => event.kind))) {
      this.#lane(person_id, posekit.words(kind), events.filter((event) => event.kind === kind).map((event) => this.#mark(event)));
    }
  }

  /** A lane is one tab stop; arrow keys move along it. */
  #lane(person_id, title, marks) {
    if (marks.length === 0) return;
    const head = posekit.element("i", { class: "head" });
    this.heads.push(head);
    const track = posekit.element("div", { class: "track", role: "group", "aria-label": `${title} of ${this.choice.label(person_id)}` }, head, ...marks);
    marks.forEach((mark, index) => {
      mark.tabIndex = index === 0 ? 0 : -1;
      mark.addEventListener("focus", () => marks.forEach((other) => (other.tabIndex = other === mark ? 0 : -1)));
    });
    track.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const next = marks[marks.indexOf(document.activeElement) + (step ?? 0)];
      if (step === undefined || !next) return;
      event.preventDefault();
      next.focus();
    });
    this.box.append(posekit.element("div", { class: "lane" }, posekit.element("span", { class: "lane-title" }, title), track));
  }

  #percent(time_s) {
    return (100 * time_s) / Math.max(this.clock.duration_s, 0.001);
  }

  #span(row, kind, text, name) {
    const { first_time_s, last_time_s } = row;
    const label = `${name}, ${posekit.number(first_time_s, 2)} to ${posekit.number(last_time_s, 2)} seconds`;
    const button = posekit.element("button", { type: "button", class: kind, "data-seek": first_time_s, "data-text": text, "aria-label": label, title: label }, text);
    button.style.left = `${this.#percent(first_time_s)}%`;
    button.style.width = `${this.#percent(last_time_s - first_time_s)}%`;
    return button;
  }

  #mark(event) {
    const side = event.side === "none" ? "" : `${event.side}, `;
    const sure = event.confidence === null ? "" : `, confidence ${posekit.number(event.confidence, 2)}`;
    const label = `${posekit.words(event.kind)}, ${side}${posekit.number(event.time_s, 2)} seconds${sure}`;
    const letter = { left: "L", right: "R", both: "B" }[event.side] ?? "•";
    const attributes = { type: "button", class: `mark mark-${event.side}`, "data-seek": event.time_s, "data-event": event.kind, "aria-label": label, title: label, "data-letter": letter };
    const button = posekit.element("button", attributes);
    button.style.left = `${this.#percent(event.time_s)}%`;
    return button;
  }

  #move(time_s) {
    for (const head of this.heads) head.style.left = `${this.#percent(time_s)}%`;
  }
};
