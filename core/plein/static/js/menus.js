// Menus made of <details>: Escape and a click elsewhere close them; bars that are open on wide screens start closed on a phone.
const NARROW = matchMedia("(max-width: 63.99em)");
const NARROW_ASIDE = matchMedia("(max-width: 79.99em)");

function foldOnNarrow() {
  for (const bar of document.querySelectorAll("details[data-narrow-closed]")) {
    bar.open = !(bar.closest(".aside") ? NARROW_ASIDE : NARROW).matches;
  }
}

export function startMenus() {
  foldOnNarrow();
  NARROW.addEventListener("change", foldOnNarrow);
  NARROW_ASIDE.addEventListener("change", foldOnNarrow);

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  });
  for (const opener of document.querySelectorAll("[data-open]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(opener.dataset.open)?.showModal();
    });
  }
}
