// An answer as a table: sorted by any column, a few hundred rows at a time.

const ROWS_AT_ONCE = 200;

/** Formats a value: long fractions are shortened; the title of the cell has the full number. */
function shown(value) {
  if (value === null) return "NULL";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(7)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Compares numbers by size and everything else as text; missing values come last in both directions. */
export function compared(one, other, kind, direction) {
  if (one === null || other === null) return (one === null) - (other === null);
  if (kind !== "number") return direction * shown(one).localeCompare(shown(other), undefined, { numeric: true });
  const [a, b] = [Number(one), Number(other)];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
  return direction * (a - b);
}

function headerCell(column, index, order, onSort) {
  const cell = document.createElement("th");
  cell.scope = "col";
  cell.classList.toggle("number", column.kind === "number");
  const button = document.createElement("button");
  button.type = "button";
  const mark = document.createElement("span");
  mark.className = "order";
  mark.setAttribute("aria-hidden", "true");
  if (order.index === index) {
    mark.textContent = order.direction > 0 ? "▲" : "▼";
    cell.setAttribute("aria-sort", order.direction > 0 ? "ascending" : "descending");
  }
  // The mark is placed so that it does not move numbers away from their heading.
  button.append(...(column.kind === "number" ? [mark, column.name] : [column.name, mark]));
  button.addEventListener("click", () => onSort(index));
  cell.append(button);
  return cell;
}

function bodyRow(row, columns) {
  const line = document.createElement("tr");
  row.forEach((value, index) => {
    const cell = document.createElement("td");
    cell.textContent = shown(value);
    if (value === null) cell.classList.add("null");
    else if (cell.textContent !== String(value) || cell.textContent.length > 40) cell.title = String(typeof value === "object" ? cell.textContent : value);
    if (columns[index].kind === "number") cell.classList.add("number");
    // For example the plan that EXPLAIN draws.
    cell.classList.toggle("lines", cell.textContent.includes("\n"));
    line.append(cell);
  });
  return line;
}

/** Fills `place` with the answer; `more` is the button below it. */
export function showTable(answer, place, more) {
  let rows = answer.rows;
  let order = { index: -1, direction: 1 };
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  const body = table.createTBody();

  const addRows = () => {
    const from = body.rows.length;
    body.append(...rows.slice(from, from + ROWS_AT_ONCE).map((row) => bodyRow(row, answer.columns)));
    const left = rows.length - body.rows.length;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, ROWS_AT_ONCE)} more of ${left.toLocaleString("en")} rows`;
  };
  const draw = () => {
    head.replaceChildren(...answer.columns.map((column, index) => headerCell(column, index, order, sortBy)));
    body.replaceChildren();
    addRows();
  };
  // Ascending, descending, original order.
  const sortBy = (index) => {
    if (order.index !== index) order = { index, direction: 1 };
    else order = order.direction > 0 ? { index, direction: -1 } : { index: -1, direction: 1 };
    const { kind } = answer.columns[index];
    rows = order.index < 0 ? answer.rows : [...answer.rows].sort((a, b) => compared(a[index], b[index], kind, order.direction));
    draw();
    head.cells[index].firstElementChild.focus();
  };
  more.onclick = addRows;
  draw();
  place.replaceChildren(table);
  place.scrollTop = 0;
}

/** Returns the answer as CSV (RFC 4180) with full values; NULL is empty, an empty text is quoted. */
export function csv(answer) {
  const field = (value) => {
    if (value === null) return "";
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [answer.columns.map((column) => column.name), ...answer.rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}
