"use strict";
/* Tables that can be sorted and filtered. They are complete in the page; scripts only move and hide rows. */
(() => {
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };

  /** Missing values come last in both directions. */
  const sort = (table, column, direction) => {
    const rows = [...table.tBodies[0].rows];
    const keys = new Map(rows.map((row) => [row, keyOf(row, column)]));
    const isNumeric = [...keys.values()].every((key) => key === "" || Number.isFinite(Number(key)));
    const compare = isNumeric ? (a, b) => a - b : (a, b) => a.localeCompare(b, undefined, { numeric: true });
    rows.sort((a, b) => {
      const [left, right] = [keys.get(a), keys.get(b)];
      if (left === "" || right === "") return (left === "") - (right === "");
      return direction * compare(left, right);
    });
    table.tBodies[0].append(...rows);
  };

  const makeSortable = (table) => {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      header.querySelector("button.sort")?.addEventListener("click", () => {
        const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of headers) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        sort(table, column, direction);
      });
    });
  };

  /** On narrow screens rows become blocks, which removes the semantics of the elements; roles restore them. */
  const keepMeaning = (table) => {
    table.setAttribute("role", "table");
    for (const group of [table.tHead, ...table.tBodies]) group.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      for (const cell of row.cells) {
        const header = cell.getAttribute("scope") === "col" ? "columnheader" : "rowheader";
        cell.setAttribute("role", cell.tagName === "TH" ? header : "cell");
      }
    }
  };

  /** Hides the rows that the search, switches or people exclude, and shows the number of the rest. */
  const refresh = (table) => {
    const wanted = (document.querySelector(`[data-filter="${table.id}"]`)?.value ?? "").trim().toLowerCase().split(/\s+/);
    const onlyHeadlines = table.id !== "" && document.querySelector(`[data-only-headlines="${table.id}"]`)?.checked;
    const people = table.closest(".page")?.shownPeople;
    let count = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      const isPerson = !people || row.dataset.person === undefined || people.has(Number(row.dataset.person));
      const isHeadline = !onlyHeadlines || row.dataset.headline !== undefined;
      row.hidden = !(isPerson && isHeadline && wanted.every((word) => text.includes(word)));
      count += row.hidden ? 0 : 1;
    }
    const status = table.id !== "" && document.querySelector(`[data-count="${table.id}"]`);
    const all = table.tBodies[0].rows.length;
    if (status) status.textContent = count === all ? posekit.plural(all, "row", "rows") : `${count} of ${posekit.plural(all, "row", "rows")}`;
  };

  /** After a change of the people that a page shows. */
  posekit.refreshTables = (section) => section.querySelectorAll("table").forEach(refresh);

  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll("table.stack").forEach(keepMeaning);
  document.querySelectorAll("[data-filter], [data-only-headlines]").forEach((control) => {
    const table = document.getElementById(control.dataset.filter ?? control.dataset.onlyHeadlines);
    control.addEventListener("input", () => refresh(table));
  });
  document.querySelectorAll("table").forEach(refresh);
})();
