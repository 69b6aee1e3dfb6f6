// Keeping what is typed: a form with data-keep="URL" posts itself there a few seconds after something changed, and when
// it is left. What the server answers is a revision; where another tab or device stored since, the writer is asked.
import { csrfToken, say, word } from "./words.js";

const PAUSE = 3000;
const LONGEST = 12000;
const SLOWEST = 60000;
// Browsers send at most 64 kB along when a page is left.
const ALONG = 60000;

function start(form) {
  const place = form.querySelector("[data-kept]");
  // A word of this tab, also where the browser copied the page into another one.
  form.elements.form.value = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  let changed = false;
  let busy = false;
  let stopped = false;
  let since = 0;
  let wait = PAUSE;
  let timer;
  let told = "";

  const body = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (typeof value !== "string" || name === "csrf_token") data.delete(name);
    return new URLSearchParams(data);
  };
  // Seen each time; spoken only when it becomes something else.
  const tell = (name, ...more) => {
    place.replaceChildren(word(name).replace("#", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })), ...more);
    place.classList.toggle("error", name !== "kept");
    if (told !== name && !(name === "kept" && !told)) say(place.firstChild.textContent);
    told = name;
  };
  const ask = (revision) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = word("keepThis");
    button.addEventListener("click", () => {
      form.elements.known.value = revision;
      stopped = false;
      save();
    });
    stopped = true;
    tell("elsewhere", " ", button);
  };
  const plan = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  async function save(leaving = false) {
    if (busy || stopped || !changed) return;
    const sent = body();
    if (leaving && sent.toString().length > ALONG) return;
    clearTimeout(timer);
    busy = true;
    changed = false;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", headers: { "X-CSRF-Token": csrfToken(), Accept: "application/json" }, body: sent, keepalive: leaving, redirect: "error" });
      if (answer.ok || answer.status === 409) {
        const { revision } = await answer.json();
        wait = PAUSE;
        if (answer.ok) {
          form.elements.known.value = revision;
          tell("kept");
        } else {
          changed = true;
          ask(revision);
        }
      } else {
        changed = true;
        wait = Math.min(wait * 2, SLOWEST);
        tell({ 413: "tooLong", 403: "mayNot", 404: "gone" }[answer.status] ?? "notKept");
      }
    } catch {
      changed = true;
      wait = Math.min(wait * 2, SLOWEST);
      tell("offline");
    }
    busy = false;
    since = 0;
    if (changed && !stopped) plan(wait);
  }

  form.addEventListener("input", () => {
    changed = true;
    since ||= Date.now();
    if (!busy) plan(Date.now() - since > LONGEST ? 0 : wait);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) stopped = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
    else if (changed) plan(PAUSE);
  });
  addEventListener("online", () => plan(0));
  addEventListener("beforeunload", (event) => {
    if (!changed || form.dataset.sent) return;
    // What is short enough goes along; for the rest, and while nothing can be kept, the writer is asked.
    if (told !== "" && told !== "kept") event.preventDefault();
    else if (body().toString().length > ALONG) event.preventDefault();
    else save(true);
  });
}

for (const form of document.querySelectorAll("form[data-keep]")) start(form);
