// Tables in a Markdown field: with the caret in one, a row of buttons adds, moves, removes and aligns, and Tab goes on
// to the next cell. The text stays the truth: each press writes the table anew, neatly in columns.
import { say, word } from "./words.js";

const RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const SIGNS = { left: ":--", center: ":-:", right: "--:", none: "---" };

const split = (line) =>
  line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

const sideOf = (cell) =>
  /^:-+:$/.test(cell) ? "center" : cell.endsWith(":") ? "right" : cell.startsWith(":") ? "left" : "none";

// The table around the caret: where it stands, its rows, and the row and column of the caret.
function tableAt(field) {
  const lines = field.value.split("\n");
  const before = field.value.slice(0, field.selectionStart);
  const line = before.split("\n").length - 1;
  if (!lines[line].includes("|")) return null;
  let top = line;
  let end = line;
  while (top > 0 && lines[top - 1].includes("|")) top--;
  while (end + 1 < lines.length && lines[end + 1].includes("|")) end++;
  if (end === top || !RULE.test(lines[top + 1])) return null;
  const written = before.slice(before.lastIndexOf("\n") + 1);
  const column = Math.max((written.trimStart().replace(/^\|/, "").match(/(?<!\\)\|/g) ?? []).length, 0);
  const rows = lines.slice(top, end + 1).map(split);
  const sides = rows.splice(1, 1)[0].map(sideOf);
  const width = Math.max(...rows.map((row) => row.length), sides.length);
  for (const row of rows) while (row.length < width) row.push("");
  while (sides.length < width) sides.push("none");
  const row = line === top ? 0 : Math.max(line - top - 1, 0);
  return { lines, top, end, rows, sides, row, column: Math.min(column, width - 1) };
}

function write(field, table) {
  const { lines, top, end, rows, sides } = table;
  const widths = sides.map((_, place) => Math.max(3, ...rows.map((row) => row[place].length)));
  const join = (cells) => `| ${cells.join(" | ")} |`;
  const made = rows.map((row) => join(row.map((cell, place) => cell.padEnd(widths[place]))));
  made.splice(1, 0, join(sides.map((side, place) => SIGNS[side].replace("-", "-".repeat(widths[place] - 2)))));
  const start = lines.slice(0, top).reduce((sum, one) => sum + one.length + 1, 0);
  const length = lines.slice(top, end + 1).join("\n").length;
  field.setRangeText(made.join("\n"), start, start + length, "start");
  // The caret goes to its cell, which is selected: typing replaces what stands there.
  const shown = table.row === 0 ? 0 : table.row + 1;
  let at = start + made.slice(0, shown).reduce((sum, one) => sum + one.length + 1, 0) + 2;
  for (let place = 0; place < table.column; place++) at += Math.max(widths[place], rows[table.row][place].length) + 3;
  field.setSelectionRange(at, at + rows[table.row][table.column].length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const swap = (list, one, other) => ([list[one], list[other]] = [list[other], list[one]]);

const ACTS = {
  rowAdd: (t) => t.rows.splice(++t.row, 0, t.sides.map(() => "")),
  rowUp: (t) => t.row > 1 && swap(t.rows, t.row, --t.row),
  rowDown: (t) => t.row > 0 && t.row < t.rows.length - 1 && swap(t.rows, t.row, ++t.row),
  rowDrop: (t) => t.row > 0 && t.rows.splice(t.row--, 1),
  columnAdd: (t) => (t.column++, [...t.rows, t.sides].forEach((row) => row.splice(t.column, 0, row === t.sides ? "none" : ""))),
  columnLeft: (t) => t.column > 0 && ([...t.rows, t.sides].forEach((row) => swap(row, t.column, t.column - 1)), t.column--, true),
  columnRight: (t) =>
    t.column < t.sides.length - 1 && ([...t.rows, t.sides].forEach((row) => swap(row, t.column, t.column + 1)), t.column++, true),
  columnDrop: (t) =>
    t.sides.length > 1 && ([...t.rows, t.sides].forEach((row) => row.splice(t.column, 1)), (t.column = Math.max(t.column - 1, 0)), true),
  align: (t) => (t.sides[t.column] = { none: "center", left: "center", center: "right", right: "none" }[t.sides[t.column]]),
};

function step(field, table, back) {
  const width = table.sides.length;
  const at = table.row * width + table.column + (back ? -1 : 1);
  if (at < 0) return false;
  if (at >= width * table.rows.length) table.rows.push(table.sides.map(() => ""));
  table.row = Math.floor(at / width);
  table.column = at % width;
  write(field, table);
  return true;
}

function enhance(field) {
  const bar = document.createElement("div");
  bar.className = "table-tools";
  bar.hidden = true;
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", word("table"));
  for (const name of Object.keys(ACTS)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = word(name);
    button.addEventListener("click", () => {
      const table = tableAt(field);
      if (table && ACTS[name](table) !== false) {
        write(field, table);
        say(word(name));
      }
      field.focus();
    });
    bar.append(button);
  }
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = word("tableHint");
  bar.append(hint);
  field.before(bar);
  // Escape lets Tab leave the field again, as in every editor.
  let leaves = false;
  const look = () => {
    const hidden = field.hidden || !tableAt(field);
    if (bar.hidden && !hidden) say(word("tableHint"));
    bar.hidden = hidden;
  };
  for (const name of ["keyup", "click", "input", "focus"]) field.addEventListener(name, look);
  field.addEventListener("blur", () => (leaves = false));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaves = true;
    if (event.key !== "Tab" || leaves || event.ctrlKey || event.altKey || field.hasAttribute("aria-activedescendant")) return;
    const table = tableAt(field);
    if (table && step(field, table, event.shiftKey)) event.preventDefault();
  });
}

export function startTables() {
  document.querySelectorAll("textarea[data-preview]").forEach(enhance);
}
