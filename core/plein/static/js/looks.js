// Light or dark without a new page; the form behind it works without this.
import { csrfToken } from "./words.js";

export function startLooks() {
  for (const form of document.querySelectorAll("form[data-theme-switch]")) {
    form.addEventListener("submit", (event) => {
      const pressed = event.submitter;
      if (!pressed?.value) return;
      event.preventDefault();
      document.documentElement.dataset.theme = pressed.value;
      for (const button of form.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button === pressed));
      }
      fetch(form.action, {
        method: "POST",
        headers: { "X-CSRF-Token": csrfToken() },
        body: new URLSearchParams({ theme: pressed.value }),
      }).catch(() => form.requestSubmit());
    });
  }
}
