"use strict";
/* The selection of a page: people, sides, joints, 2D or 3D, and the time range. */
posekit.Choice = class {
  constructor(section, data) {
    const { curves } = data.curves;
    const distinct = (name) => [...new Set(curves.map((curve) => curve[name]))];
    this.data = data;
    this.listeners = [];
    this.allJoints = distinct("joint");
    this.allSides = ["left", "right", "center"].filter((side) => distinct("side").includes(side));
    this.people = new Set(data.people.map((person) => person.person_id));
    this.sides = new Set(this.allSides);
    const usual = data.angles.filter((joint) => this.allJoints.includes(joint));
    this.joints = new Set(usual.length > 0 ? usual : this.allJoints.slice(0, 4));
    this.dimension = distinct("dimension").includes("3d") ? "3d" : "2d";
    this.dimensions = distinct("dimension");
    this.window_s = 0;
    const form = section.querySelector("[data-choices]");
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#build(form);
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  label(person_id) {
    return this.data.people.find((person) => person.person_id === person_id)?.label ?? `Person ${person_id}`;
  }

  dash(person_id) {
    const order = this.data.people.findIndex((person) => person.person_id === person_id);
    return posekit.DASHES[Math.max(order, 0) % posekit.DASHES.length];
  }

  shows(curve) {
    const { person_id, side, joint, dimension } = curve;
    return this.people.has(person_id) && this.sides.has(side) && this.joints.has(joint) && dimension === this.dimension;
  }

  #changed(what) {
    for (const listener of this.listeners) listener(what);
  }

  #build(form) {
    const people = this.data.people.map(({ person_id, label }) => [person_id, label, posekit.line("ink", this.dash(person_id))]);
    if (people.length > 0) form.append(this.#boxes("People", "people", people));
    if (this.allSides.length > 0) {
      const sides = this.allSides.map((side) => [side, side, posekit.element("i", { class: `swatch swatch-${side}` })]);
      form.append(this.#boxes("Sides", "sides", sides));
    }
    if (this.dimensions.length > 1) form.append(this.#dimensions());
    form.append(this.#windows());
    if (this.allJoints.length > 0) form.append(this.#boxes("Joints and segments", "joints", this.allJoints.map((joint) => [joint, posekit.words(joint)])));
  }

  #boxes(title, name, entries) {
    const boxes = entries.map(([value, text, mark]) => {
      const onchange = (event) => {
        if (event.target.checked) this[name].add(value);
        else this[name].delete(value);
        this.#changed(name);
      };
      const box = posekit.element("input", { type: "checkbox", name, value, checked: this[name].has(value), onchange });
      return posekit.element("label", { class: "check" }, box, ...(mark ? [mark] : []), text);
    });
    return posekit.element("fieldset", { class: `choice choice-${name}` }, posekit.element("legend", {}, title), ...boxes);
  }

  #dimensions() {
    const radios = [["2d", "in the picture (2D)"], ["3d", "in space (3D)"]].map(([value, text]) => {
      const onchange = () => {
        this.dimension = value;
        this.#changed("dimension");
      };
      const name = `dimension-${this.data.slug}`;
      const radio = posekit.element("input", { type: "radio", name, value, checked: this.dimension === value, onchange });
      return posekit.element("label", { class: "check" }, radio, text);
    });
    return posekit.element("fieldset", { class: "choice" }, posekit.element("legend", {}, "2D or 3D"), ...radios);
  }

  #windows() {
    const lengths = [0, 10, 4, 2, 1].filter((length_s) => length_s < (this.data.duration_s ?? 0));
    const options = lengths.map((length_s) => posekit.element("option", { value: length_s }, length_s === 0 ? "whole video" : `${length_s} s around now`));
    const onchange = (event) => {
      this.window_s = Number(event.target.value);
      this.#changed("window_s");
    };
    const select = posekit.element("select", { onchange }, ...options);
    return posekit.element("fieldset", { class: "choice" }, posekit.element("legend", {}, "Time"), posekit.element("label", { class: "check" }, "Show ", select));
  }
};
