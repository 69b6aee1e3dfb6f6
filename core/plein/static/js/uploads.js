// Adding files while writing: by a button, by pasting and by dragging. Each arrives by itself, and its line is put in the text.
import { csrfToken, say } from "./words.js";

export function startUploads() {
  for (const box of document.querySelectorAll("[data-uploads]")) start(box);
}

function start(box) {
  const field = box.closest("form")?.elements[box.dataset.uploads];
  if (!field) return;
  const input = box.querySelector("input[type=file]");
  box.querySelector("[data-without-script]").hidden = true;
  box.querySelector("[data-with-script]").hidden = false;
  for (const row of box.querySelectorAll("li[data-name]")) {
    row.append(leaveOut(box, field, row, row.dataset.name, row.dataset.line));
  }

  input.addEventListener("change", () => {
    send(box, field, [...input.files]);
    input.value = "";
  });
  field.addEventListener("focus", () => (field.dataset.cursor = ""));
  field.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    // Text that comes with a picture of itself, from a word processor say, is pasted as text.
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    send(box, field, files.map((file, number) => named(file, box.dataset.pasted, number)));
  });
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  field.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  field.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    send(box, field, [...event.dataTransfer.files]);
  });
}

// What is pasted is always called image.png, and would take the place of the one before.
function named(file, word, number) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const moment = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const ending = file.name.slice(file.name.lastIndexOf("."));
  return new File([file], `${word}-${moment}${number ? `-${number}` : ""}${ending}`, { type: file.type });
}

async function send(box, field, files) {
  for (const file of files) {
    const row = document.createElement("li");
    const text = document.createElement("span");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    const fill = (words) => words.replace("#", file.name);
    text.textContent = fill(box.dataset.sending);
    bar.setAttribute("aria-label", text.textContent);
    row.append(text, " ", bar);
    box.querySelector("ul").append(row);
    const answer = await post(box.dataset.url, file, (part) => (bar.value = part));
    bar.remove();
    const refused = answer?.refused?.[0] ?? answer?.detail;
    if (answer?.files?.length) {
      for (const one of answer.files) {
        insert(field, one.markdown);
        if (box.dataset.held) row.append(hold(one), leaveOut(box, field, row, one.name, one.markdown));
        if (one.picture) row.append(describe(box, field, one));
      }
      text.textContent = fill(box.dataset.done);
    } else {
      text.textContent = refused ?? fill(box.dataset.failed);
      row.classList.add("error");
    }
    say(text.textContent);
  }
}

// A new item gets the files that its form lists, also those whose line was taken out of the text.
function hold(file) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = "held";
  input.value = file.uid;
  return input;
}

function leaveOut(box, field, row, name, line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.textContent = box.dataset.leaveOut;
  button.setAttribute("aria-label", `${box.dataset.leaveOut}: ${name}`);
  button.addEventListener("click", () => {
    row.remove();
    takeOut(field, line.slice(line.indexOf("](")));
    box.querySelector("input[type=file]").focus();
  });
  return button;
}

// Whatever it says that the picture shows: only the end of its line is sure.
function takeOut(field, end) {
  const at = field.value.indexOf(end);
  if (at < 0) return;
  const bracket = field.value.lastIndexOf("[", at);
  const start = field.value[bracket - 1] === "!" ? bracket - 1 : bracket;
  field.setRangeText("", start, at + end.length, "preserve");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// XMLHttpRequest, because fetch does not say how far it is.
function post(url, file, progress) {
  return new Promise((resolve) => {
    const data = new FormData();
    data.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    request.setRequestHeader("X-Requested-With", "plein");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener("load", () => resolve(request.response));
    request.addEventListener("error", () => resolve(null));
    request.send(data);
  });
}

// On a line of its own where the cursor is; at the end while nobody was in the field.
function insert(field, line) {
  const at = "cursor" in field.dataset ? field.selectionEnd : field.value.length;
  field.dataset.cursor = "";
  const [before, after] = [field.value.slice(0, at), field.value.slice(at)];
  const text = `${before && !before.endsWith("\n") ? "\n\n" : ""}${line}${after.startsWith("\n") ? "" : "\n"}\n`;
  field.setRangeText(text, at, at, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Asks what a picture shows, and writes the answer into its line.
function describe(box, field, file) {
  const place = document.createElement("div");
  place.className = "field";
  const label = document.createElement("label");
  label.textContent = box.dataset.alt.replace("#", file.name);
  const input = document.createElement("input");
  input.maxLength = 500;
  input.id = `alt-${file.uid}`;
  label.htmlFor = input.id;
  const choice = document.createElement("label");
  const tick = document.createElement("input");
  tick.type = "checkbox";
  choice.className = "hint";
  choice.append(tick, " ", box.dataset.decoration);
  place.append(label, input, choice);

  let line = file.markdown;
  const changed = () => {
    input.disabled = tick.checked;
    const alt = tick.checked ? "" : input.value.trim();
    const next = `![${alt.replace(/[\\[\]]/g, "\\$&")}]${file.markdown.slice(file.markdown.indexOf("](") + 1)}`;
    const at = field.value.indexOf(line);
    if (at >= 0 && next !== line) {
      field.setRangeText(next, at, at + line.length, "preserve");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      line = next;
    }
    if (box.dataset.describe) keep(box.dataset.describe, file.uid, alt, tick.checked);
  };
  input.addEventListener("change", changed);
  tick.addEventListener("change", changed);
  // Enter would send the whole form.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    changed();
    field.focus();
  });
  return place;
}

function keep(url, uid, alt, decorative) {
  const values = new URLSearchParams({ uid, alt });
  if (decorative) values.set("decorative", "1");
  fetch(url, { method: "POST", body: values, headers: { "X-CSRF-Token": csrfToken(), "X-Requested-With": "plein" } }).catch(
    () => {},
  );
}
