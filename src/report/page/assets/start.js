"use strict";
/* Starts a page when it is shown, and switches between pages if all are in one file. */
(() => {
  const start = (section) => {
    const block = section.querySelector("script[data-video-data]");
    const slug = section.dataset.page;
    if (!block || posekit.pages[slug]) return;
    const data = { slug, ...JSON.parse(block.textContent) };
    const clock = new posekit.Clock(section, data);
    const choice = new posekit.Choice(section, data);
    const showPeople = () => {
      section.shownPeople = choice.people;
      posekit.refreshTables(section);
    };
    choice.listen((what) => what === "people" && showPeople());
    posekit.connectTransport(section, clock);
    const timeline = new posekit.Timeline(section, data, clock, choice);
    const angles = new posekit.AngleCharts(section, data, clock, choice);
    const cycles = new posekit.CycleCharts(section, data, choice);
    const page = { clock, choice, timeline };
    Object.defineProperty(page, "charts", { get: () => angles.charts });
    Object.defineProperty(page, "cycles", { get: () => cycles.charts });
    posekit.pages[slug] = page;
    section.addEventListener("click", (event) => {
      const button = event.target.closest("[data-seek]");
      if (button) clock.seek(Number(button.dataset.seek));
    });
  };

  const sections = [...document.querySelectorAll(".page")];
  const show = (isFirst) => {
    const slug = decodeURIComponent(location.hash.slice(1));
    const known = sections.find((section) => section.dataset.page === slug);
    // A fragment that is not a page, such as that of the skip link, leaves the page as it is.
    if (!known && slug !== "" && !isFirst) return;
    const section = known ?? sections[0];
    for (const other of sections) {
      other.hidden = other !== section;
      if (other !== section) posekit.pages[other.dataset.page]?.clock.pause();
    }
    start(section);
    const heading = section.querySelector("h1");
    document.title = `${heading.textContent} – posekit report`;
    if (isFirst) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  if (sections.length > 1) addEventListener("hashchange", () => show(false));
  show(true);
})();
