// Who else is changing this: <div data-presence="URL" data-mode="edit"> says so, and in the form notes that we are there.
// Asked for after the page has been read a moment, never while it is hidden.
import { csrfToken } from "./words.js";

const EVERY = 20000;

function start(place) {
  const edits = place.dataset.mode === "edit";
  let timer;
  const send = (values, keepalive = false) =>
    fetch(place.dataset.presence, {
      ...(edits ? { method: "POST", headers: { "X-CSRF-Token": csrfToken() }, body: new URLSearchParams(values) } : {}),
      keepalive,
      redirect: "error",
    });
  const look = async () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    try {
      const answer = await send({});
      const html = answer.status === 200 ? await answer.text() : "";
      // Made by our own template, names escaped. Left alone when nothing changed, so that it is not spoken again.
      if (html !== place.shown) {
        place.shown = html;
        place.innerHTML = html;
        place.hidden = !html;
      }
      if (answer.status >= 400) return;
    } catch {
      // No connection: the next look may have one.
    }
    timer = setTimeout(look, EVERY);
  };
  document.addEventListener("visibilitychange", look);
  if (edits) addEventListener("pagehide", () => void send({ left: "1" }, true).catch(() => {}));
  timer = setTimeout(look, edits ? 0 : 1000);
}

for (const place of document.querySelectorAll("[data-presence]")) start(place);
