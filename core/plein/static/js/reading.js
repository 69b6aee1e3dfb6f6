// Reading: where you are in the table of contents, and a link to copy beside each heading.
import { say, word } from "./words.js";

function spy(list) {
  const links = new Map();
  for (const link of list.querySelectorAll("a[href^='#']")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  if (!links.size) return;
  const mark = () => {
    let here = null;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top < innerHeight * 0.3) here = heading;
    }
    for (const [heading, link] of links) {
      link.classList.toggle("here", heading === here);
      if (heading === here) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  let asked = false;
  addEventListener(
    "scroll",
    () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        mark();
      });
    },
    { passive: true },
  );
  mark();
}

function addCopyLinks() {
  if (!navigator.clipboard) return;
  for (const heading of document.querySelectorAll(".prose > :is(h2, h3, h4)[id]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-link";
    button.title = word("copy");
    button.setAttribute("aria-label", `${word("copy")}: ${heading.textContent.trim()}`);
    button.append("#");
    button.addEventListener("click", async () => {
      const address = new URL(location.href);
      address.hash = heading.id;
      await navigator.clipboard.writeText(address.href);
      button.textContent = "✓";
      say(word("copied"));
      setTimeout(() => (button.textContent = "#"), 2000);
    });
    // Named by its words alone: the button inside it is not part of them.
    const words = document.createElement("span");
    words.id = `${heading.id}-words`;
    words.append(...heading.childNodes);
    heading.setAttribute("aria-labelledby", words.id);
    heading.append(words, button);
  }
}

// A way to edit one part, beside each heading, for whoever may edit the page: the kept HTML is the same for everybody.
function addPartLinks() {
  const edit = document.querySelector(".page-head a[data-key='e']");
  if (!edit) return;
  for (const heading of document.querySelectorAll(".prose > :is(h2, h3, h4)[id]")) {
    const link = document.createElement("a");
    link.className = "edit-part";
    link.href = `${edit.pathname}?section=${encodeURIComponent(heading.id)}`;
    link.title = word("editPart");
    link.setAttribute("aria-label", `${word("editPart")}: ${(heading.firstElementChild ?? heading).textContent.trim()}`);
    link.append(edit.querySelector("svg").cloneNode(true));
    heading.append(link);
  }
}

export function startReading() {
  for (const list of document.querySelectorAll("[data-scroll-spy]")) spy(list);
  addCopyLinks();
  addPartLinks();
}
