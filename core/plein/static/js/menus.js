// Menus made of <details>: Escape and a click elsewhere close them; bars are closed on a phone and open where there is room.
function openWhereWide(bar) {
  const wide = matchMedia(`(min-width: ${bar.dataset.openWide})`);
  const follow = () => {
    bar.open = wide.matches;
    // The style sheet shows it on wide screens anyway; nothing is left to press.
    bar.querySelector("summary").tabIndex = wide.matches ? -1 : 0;
  };
  wide.addEventListener("change", follow);
  follow();
}

export function startMenus() {
  document.querySelectorAll("details[data-open-wide]").forEach(openWhereWide);

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
