// Buttons and keys for Markdown above <textarea data-toolbar>, and keys to save. The browser's own undo goes on working.
import { word } from "./words.js";

// name: icon, key with Ctrl, what to put before and behind what is selected, or before each line.
const TOOLS = {
  bold: { icon: "bold", key: "b", around: "**" },
  italic: { icon: "italic", key: "i", around: "_" },
  heading: { icon: "heading", line: "## " },
  list: { icon: "list", line: "- " },
  quote: { icon: "quote", line: "> " },
  code: { icon: "code", around: "`", block: "```" },
  link: { icon: "link", key: "k", before: "[", behind: "](https://)" },
  table: { icon: "table", text: () => `| ${word("column")} | ${word("column")} |\n|---|---|\n|  |  |\n` },
};

function put(field, text, from, to) {
  field.focus();
  // execCommand is old, and the one way that leaves the browser's undo whole.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(from, to);
}

function use(field, tool) {
  const { value } = field;
  let { selectionStart: start, selectionEnd: end } = field;
  const chosen = value.slice(start, end);
  if (tool.line) {
    start = value.lastIndexOf("\n", start - 1) + 1;
    const lines = value.slice(start, end).split("\n");
    const on = lines.every((line) => line.startsWith(tool.line));
    const text = lines.map((line) => (on ? line.slice(tool.line.length) : tool.line + line)).join("\n");
    field.setSelectionRange(start, end);
    put(field, text, start + text.length, start + text.length);
  } else if (tool.text) {
    const text = (start && value[start - 1] !== "\n" ? "\n\n" : "") + tool.text();
    put(field, text, start + text.length, start + text.length);
  } else if (tool.block && chosen.includes("\n")) {
    const text = `${tool.block}\n${chosen}\n${tool.block}`;
    put(field, text, start + tool.block.length + 1, start + tool.block.length + 1 + chosen.length);
  } else {
    const before = tool.before ?? tool.around;
    const text = before + chosen + (tool.behind ?? tool.around);
    put(field, text, start + before.length, start + before.length + chosen.length);
  }
}

function addToolbar(field) {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
  const bar = document.createElement("div");
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", word("toolbar"));
  bar.setAttribute("aria-controls", field.id);
  for (const [name, tool] of Object.entries(TOOLS)) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = bar.children.length ? -1 : 0;
    const label = word(name) + (tool.key ? ` (Ctrl+${tool.key.toUpperCase()})` : "");
    button.setAttribute("aria-label", label);
    button.title = label;
    if (tool.key) button.setAttribute("aria-keyshortcuts", `Control+${tool.key.toUpperCase()}`);
    button.innerHTML = `<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false"><use href="${sprite}#${tool.icon}"></use></svg>`;
    button.addEventListener("click", () => use(field, tool));
    bar.append(button);
  }
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...bar.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    event.preventDefault();
  });
  field.before(bar);
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const tool = Object.values(TOOLS).find((one) => one.key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    use(field, tool);
  });
  field.form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const first = field.form.querySelector("[type=submit].primary");
    // Ctrl+S keeps a draft one where there is a button for it; Ctrl+Enter does what the main button does.
    const draft = field.form.querySelector("[type=submit][name=act][value=draft]");
    const button = event.key === "Enter" ? first : event.key.toLowerCase() === "s" ? (draft ?? first) : null;
    if (!button) return;
    event.preventDefault();
    field.form.requestSubmit(button);
  });
}

for (const field of document.querySelectorAll("textarea[data-toolbar]")) addToolbar(field);
