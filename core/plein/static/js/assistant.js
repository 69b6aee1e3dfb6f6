// The assistant below a text: asked anew when the writer pauses, and each of its lines leads to the place in the text.
import { csrfToken } from "./words.js";

const PAUSE = 2500;
const BETWEEN = 6000;

function goTo(field, line, words) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const found = words ? field.value.indexOf(words.split(" ")[0], start) : -1;
  const whole = words && field.value.indexOf(words, start) === found && found >= 0;
  const from = found >= 0 ? found : start;
  const until = whole ? from + words.length : start + (lines[line - 1] ?? "").length;
  if (field.hidden) document.querySelector(".preview-switch button")?.click();
  field.focus();
  field.setSelectionRange(from, Math.max(from, until));
  // Browsers scroll to the caret only when somebody types.
  field.scrollTop = (field.scrollHeight / Math.max(lines.length, 1)) * Math.max(line - 4, 0);
}

function follow(pane, field) {
  let timer;
  let last = 0;
  let seen = field.value;
  const ask = async () => {
    if (field.value === seen) return;
    seen = field.value;
    last = Date.now();
    try {
      const answer = await fetch(pane.dataset.assistant, {
        method: "POST",
        headers: { "X-CSRF-Token": csrfToken(), Accept: "text/html" },
        body: new URLSearchParams({ body: seen }),
      });
      // Made by a template of ours, in which what was written is escaped.
      if (answer.ok && !pane.contains(document.activeElement)) {
        const open = pane.querySelector("details")?.open;
        pane.innerHTML = await answer.text();
        if (open) pane.querySelector("details").open = true;
      }
    } catch {
      // Advice can wait.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(PAUSE, last + BETWEEN - Date.now()));
  });
  pane.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(field, Number(link.dataset.line), link.dataset.find);
  });
}

export function startAssistant() {
  for (const pane of document.querySelectorAll("[data-assistant]")) {
    const field = pane.closest("form")?.querySelector("textarea[name=body]");
    if (field) follow(pane, field);
  }
}
