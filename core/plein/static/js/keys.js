// Keyboard shortcuts of one letter. Never while somebody types, never with a modifier, and off for who turned them off.
const GO = { s: "/", h: "/", r: "/spaces", m: "/people", k: "/knowledge", a: "/calendar", z: "/search" };
const PATIENCE = 1500;

let waitingSince = -Infinity;

function isTyping(element) {
  return element.isContentEditable || element.matches("input, textarea, select, [role=textbox]");
}

function follow(selector) {
  const target = document.querySelector(selector);
  if (!target) return false;
  target.click();
  return true;
}

function go(letter) {
  if (letter === "i") return follow("[data-bell]");
  const path = GO[letter];
  const link = path && document.querySelector(`.main-nav a[href="${path}"]`);
  if (!link) return false;
  link.click();
  return true;
}

// On a narrow screen the field in the header is hidden, and the page of search has one.
function search() {
  const field = [...document.querySelectorAll('[data-key-focus="/"]')].find((one) => one.offsetParent);
  if (!field) return follow('.main-nav a[href="/search"]');
  field.focus();
  field.select();
  return true;
}

function act(key) {
  if (performance.now() - waitingSince < PATIENCE) {
    waitingSince = -Infinity;
    return go(key);
  }
  switch (key) {
    case "/":
      return search();
    case "g":
      waitingSince = performance.now();
      return true;
    case "n": {
      const menu = document.querySelector("details.create");
      if (!menu) return false;
      menu.open = true;
      menu.querySelector("a")?.focus();
      return true;
    }
    case "e":
      return follow('[data-key="e"]');
    case "?":
      return follow('[data-open="keys"]');
    default:
      return false;
  }
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      if (search()) event.preventDefault();
      return;
    }
    if (document.documentElement.dataset.keys === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (act(event.key)) event.preventDefault();
  });
}
