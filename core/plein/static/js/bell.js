// The number at the bell. The header of a page is kept, so the number comes apart: from this tab's memory at once, and
// from the site every minute while somebody looks.
const MINUTE = 60_000;
const MOST_WAIT = 15 * MINUTE;
const KEPT = "plein-bell";

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// Another session in this tab is another person, perhaps: its number is not theirs.
function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT));
    return found?.token === token() ? found : {};
  } catch {
    return {};
  }
}

function keep(values) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...values, token: token() }));
  } catch {
    // A browser that keeps nothing asks at each page.
  }
}

function show(bell, { count = 0, shown = "" }) {
  const place = bell.querySelector(".count");
  place.hidden = !count;
  place.querySelector("[data-number]").textContent = shown;
}

export function post(address, values = {}) {
  return fetch(address, {
    method: "POST",
    body: new URLSearchParams(values),
    headers: { "X-CSRF-Token": token() },
    redirect: "manual",
    keepalive: true,
  });
}

class Bell {
  constructor(link) {
    this.link = link;
    this.wait = MINUTE;
    const known = kept();
    show(link, known);
    this.plan(Math.max(0, MINUTE - (Date.now() - (known.at ?? 0))));
    document.addEventListener("visibilitychange", () => this.plan(Math.max(0, MINUTE - (Date.now() - (kept().at ?? 0)))));
  }

  plan(wait) {
    clearTimeout(this.timer);
    if (!this.over && !document.hidden) this.timer = setTimeout(() => this.look(), wait);
  }

  async look() {
    const known = kept();
    try {
      const headers = known.etag ? { "If-None-Match": known.etag } : {};
      const answer = await fetch(this.link.dataset.bell, { headers, cache: "no-store" });
      if (answer.status === 401) this.over = true;
      else if (answer.status === 304) keep({ ...known, at: Date.now() });
      else if (answer.ok) {
        const { count, shown } = await answer.json();
        keep({ count, shown, etag: answer.headers.get("ETag"), at: Date.now() });
        show(this.link, { count, shown });
      } else throw new Error(answer.status);
      this.wait = MINUTE;
    } catch {
      this.wait = Math.min(this.wait * 2, MOST_WAIT);
    }
    this.plan(this.wait);
  }
}

export function startBell() {
  const link = document.querySelector("[data-bell]");
  if (!link) return;
  const bell = new Bell(link);
  // Where somebody follows a link of the inbox, or looks at what it is about, it is read.
  const forget = () => keep({});
  for (const told of document.querySelectorAll("a[data-told]")) {
    told.addEventListener("click", () => {
      post(told.dataset.told).catch(() => {});
      forget();
    });
  }
  for (const form of document.querySelectorAll('form[action*="/inbox/"]')) form.addEventListener("submit", forget);
  const item = document.querySelector("[data-seen]");
  if (item && kept().count !== 0) {
    post(item.dataset.seen, { item: item.dataset.item }).then(() => { forget(); bell.plan(0); }, () => {});
  }
}
