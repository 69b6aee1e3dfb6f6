// Forms: the summary of errors gets the focus, and a page with unsaved text asks before it is left.
export function startForms() {
  document.querySelector("[data-focus]")?.focus();

  // What waited for a proof goes on by itself; without scripts its button does.
  document.querySelector("form[data-go-on]")?.requestSubmit();

  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let changed = false;
    const ask = (event) => {
      event.preventDefault();
    };
    form.addEventListener("input", () => {
      if (changed) return;
      changed = true;
      addEventListener("beforeunload", ask);
    });
    form.addEventListener("submit", () => removeEventListener("beforeunload", ask));
  }

  // A second press of the same button sends nothing twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.sent) {
      if (form.dataset.sent) event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
