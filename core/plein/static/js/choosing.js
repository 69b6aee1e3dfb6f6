// Lists of which many can be chosen: says how many are, offers all, and takes Shift for a row of them.
import { word } from "./words.js";

export function startChoosing() {
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const boxes = [...form.querySelectorAll("input[name=item]")];
    const count = form.querySelector("[data-count]");
    const all = document.createElement("button");
    all.type = "button";
    all.className = "button small quiet";
    count.before(all);
    let last = null;

    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      count.textContent = word("count").replace("#", chosen);
      all.textContent = word(chosen === boxes.length ? "chooseNone" : "chooseAll");
    };
    all.addEventListener("click", () => {
      const on = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = on;
      tell();
    });
    for (const box of boxes) {
      box.addEventListener("click", (event) => {
        if (event.shiftKey && last) {
          const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
          for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
        }
        last = box;
        tell();
      });
    }
    tell();
  }
}
