// A tab beside a Markdown field that shows how the text will look: <textarea data-preview="URL"> posts its text there.
import { csrfToken, word } from "./words.js";

function tab(text, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.setAttribute("aria-pressed", String(pressed));
  return button;
}

function addPreview(field) {
  const row = document.createElement("div");
  row.className = "switch preview-switch";
  const write = tab(word("write"), true);
  const show = tab(word("preview"), false);
  row.append(write, show);

  const pane = document.createElement("div");
  pane.className = "prose preview";
  pane.hidden = true;
  pane.tabIndex = -1;
  pane.setAttribute("role", "region");
  pane.setAttribute("aria-label", word("preview"));
  pane.setAttribute("aria-live", "polite");
  field.before(row);
  field.after(pane);

  const turn = (previewing) => {
    write.setAttribute("aria-pressed", String(!previewing));
    show.setAttribute("aria-pressed", String(previewing));
    field.hidden = previewing;
    pane.hidden = !previewing;
  };
  write.addEventListener("click", () => {
    turn(false);
    field.focus();
  });
  show.addEventListener("click", async () => {
    pane.style.minHeight = `${Math.min(field.offsetHeight, 600)}px`;
    turn(true);
    if (!field.value.trim()) {
      pane.textContent = word("empty");
      return;
    }
    const slow = setTimeout(() => (pane.textContent = word("loading")), 300);
    try {
      const answer = await fetch(field.dataset.preview, {
        method: "POST",
        headers: { "X-CSRF-Token": csrfToken(), Accept: "text/html" },
        // Of a stored item, so that its pictures show.
        body: new URLSearchParams({ body: field.value, of: field.form?.action.match(/\/([^/]+)\/edit$/)?.[1] ?? "" }),
      });
      clearTimeout(slow);
      // Made and sanitised by the same renderer as the page itself.
      if (answer.ok) pane.innerHTML = await answer.text();
      else pane.textContent = word("failed");
    } catch {
      clearTimeout(slow);
      pane.textContent = word("failed");
    }
  });
}

for (const field of document.querySelectorAll("textarea[data-preview]")) addPreview(field);
