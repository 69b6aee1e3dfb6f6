// Finding people and groups while typing: <input data-suggest="people"> becomes a combobox (ARIA 1.2), and in a Markdown
// field an @ offers names. Without this, the fields take what somebody signs in with, a whole name, or group:slug.
import { say, word } from "./words.js";

const site = (path) => new URL(`../../../${path}`, import.meta.url);
const HOME = site("people/-/suggest");
// What is no person or group has an address of its own.
const HOMES = { spaces: site("spaces/-/suggest"), tags: site("tags/-/suggest"), items: site("relations/-/suggest"), search: site("search/-/suggest") };
const WAIT = 120;
let numbers = 0;

const make = (tag, values = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...inside);
  return element;
};

async function ask(text, kinds, place, signal) {
  const address = new URL(HOMES[kinds] ?? HOME);
  address.search = new URLSearchParams({ q: text, kinds, ...place });
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal });
  return answer.ok ? (await answer.json()).found : [];
}

// A list of suggestions below `field`. `typed()` gives the text to look for, `choose(one)` takes what was chosen.
function suggestions(field, kinds, typed, choose) {
  const list = make("ul", { id: `suggest-${++numbers}`, className: "suggest", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", word("suggestions"));
  field.after(list);
  let found = [];
  let at = -1;
  let timer;
  let asked;

  const show = (open) => {
    list.hidden = !open;
    // A text field is no combobox, and has no such state: there the list is announced.
    if (field.role === "combobox") field.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  };
  const mark = (place) => {
    at = place;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  // Where the field is: what there is to choose from can differ from one space to the next.
  const place = () => ({ space: field.dataset.suggestSpace ?? "", type: field.dataset.suggestType ?? "" });
  const take = (one) => {
    show(false);
    choose(one);
  };
  const look = async () => {
    asked?.abort();
    const text = typed();
    if (!text) return show(false);
    asked = new AbortController();
    try {
      found = await ask(text, kinds, place(), asked.signal);
    } catch {
      return;
    }
    list.replaceChildren(
      ...found.map((one, number) => {
        const item = make("li", { id: `${list.id}-${number}` }, make("span", { className: "name", textContent: one.label }));
        if (one.guest) item.append(make("span", { className: "badge guest", textContent: word("guest") }));
        if (one.hint) item.append(make("span", { className: "hint", textContent: one.hint }));
        item.setAttribute("role", "option");
        // Before the field loses the focus, which closes the list.
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => take(one));
        return item;
      }),
    );
    mark(-1);
    show(found.length > 0);
    say(found.length ? word("found").replace("#", found.length) : word("nobody"));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  field.addEventListener("blur", () => show(false));
  field.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && !event.altKey && !list.hidden) {
      mark((at + steps[event.key] + found.length + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % found.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && at >= 0) {
      take(found[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      show(false);
    } else {
      return;
    }
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  });
  return list;
}

function enhance(given) {
  const many = "suggestMany" in given.dataset;
  const names = JSON.parse(given.dataset.suggestNames || "{}");
  const field = given.cloneNode();
  field.removeAttribute("name");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.autocomplete = "off";
  given.removeAttribute("id");
  given.removeAttribute("required");
  given.type = "hidden";
  given.after(field);

  const chips = make("ul", { className: "chips", hidden: true });
  chips.setAttribute("aria-label", word("chosen"));
  const chosen = new Map();
  const keep = () => {
    const typed = field.value.trim();
    const single = [...chosen.keys()][0];
    given.value = many ? [...chosen.keys(), typed].filter(Boolean).join(", ") : (single ?? typed);
    field.toggleAttribute("required", given.dataset.required === "yes" && !given.value);
    given.dispatchEvent(new Event("change", { bubbles: true }));
  };
  if (field.required) given.dataset.required = "yes";

  const add = (value, label) => {
    if (!many) {
      chosen.clear();
      chosen.set(value, label);
      field.value = label;
      return keep();
    }
    field.value = "";
    if (chosen.has(value)) return keep();
    chosen.set(value, label);
    const remove = make("button", { type: "button", className: "remove", textContent: "×" });
    remove.setAttribute("aria-label", word("remove").replace("#", label));
    const chip = make("li", { className: "chip" }, make("span", { textContent: label }), remove);
    remove.addEventListener("click", () => {
      chosen.delete(value);
      chip.remove();
      chips.hidden = !chosen.size;
      keep();
      field.focus();
      say(word("removed").replace("#", label));
    });
    chips.append(chip);
    chips.hidden = false;
    keep();
  };
  if (many) {
    field.before(chips);
    const free = given.dataset.suggest === "tags";
    field.addEventListener("keydown", (event) => {
      // A word that is in no list yet is as good as one that is.
      if (free && event.key === "Enter" && field.value.trim() && !field.hasAttribute("aria-activedescendant")) {
        event.preventDefault();
        take(field.value);
      } else if (event.key === "Backspace" && !field.value) chips.lastElementChild?.querySelector("button").click();
    });
    const before = field.value.split(",").map((one) => one.trim());
    field.value = "";
    for (const one of before) if (one) add(one, names[one] ?? one);
    const take = (text) => {
      const words = text.split(",").map((one) => one.trim());
      for (const one of words) if (one) add(one, one);
      // What was suggested for it is of no use any more.
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    field.addEventListener("input", () => {
      if (free && field.value.includes(",")) take(field.value);
    });
  } else if (names[field.value]) {
    add(field.value, names[field.value]);
  }
  field.addEventListener("input", () => {
    if (!many) chosen.clear();
    keep();
  });
  const list = suggestions(field, given.dataset.suggest, () => field.value.trim(), (one) => {
    add(one.value, one.label);
    say(word("added").replace("#", one.label));
  });
  field.setAttribute("aria-controls", list.id);
}

// "@an" before the cursor offers people and groups; the chosen one is mentioned, and told when others can read it.
function mention(field) {
  const begun = () => /(?:^|[\s(])@([^\s@()[\]]{2,40})$/u.exec(field.value.slice(0, field.selectionStart));
  field.setAttribute("aria-autocomplete", "list");
  suggestions(field, "people groups", () => begun()?.[1] ?? "", (one) => {
    const typed = begun();
    if (!typed) return;
    const end = field.selectionStart;
    field.setRangeText(`@${one.value} `, end - typed[1].length - 1, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// The search field in the header offers pages and people, and goes there; Enter without a choice searches as ever.
function find(field) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  const typed = () => (field.value.trim().length > 1 ? field.value.trim() : "");
  const list = suggestions(field, "search", typed, (one) => location.assign(one.url));
  field.setAttribute("aria-controls", list.id);
}

export function startSuggesting() {
  document.querySelectorAll("input[data-find]").forEach(find);
  document.querySelectorAll("input[data-suggest]").forEach(enhance);
  document.querySelectorAll("textarea[data-preview]").forEach(mention);
}
