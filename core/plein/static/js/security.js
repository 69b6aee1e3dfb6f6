// Passkeys and recovery codes. A form with data-passkey asks the browser for a passkey and sends the answer as a form
// does, so that the server answers with a page. What goes wrong is said in the sentences that the form brings along.
import { csrfToken, say } from "./words.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(options) {
  const known = (rows) => rows?.map((row) => ({ ...row, id: bytes(row.id) }));
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) found.allowCredentials = known(options.allowCredentials);
  if (options.excludeCredentials) found.excludeCredentials = known(options.excludeCredentials);
  return found;
}

function written(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (made.response[name]) response[name] = text(made.response[name]);
  response.transports = made.response.getTransports?.() ?? [];
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

// The sentence for what went wrong, by the name that browsers give it.
const SENTENCES = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", NotSupportedError: "unsupported", SlowDown: "slow" };

async function ask(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRF-Token": csrfToken(), Accept: "application/json" },
    body: new URLSearchParams(),
  });
  // Too late or signed out meanwhile: the page says so itself.
  if (answer.status === 410) return location.reload();
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) throw new DOMException("", answer.status === 429 ? "SlowDown" : "UnknownError");
  const options = await answer.json();
  const made = await navigator.credentials[form.dataset.passkey]({ publicKey: read(options) });
  if (form.elements.handle) form.elements.handle.value = options.user.id;
  form.elements.credential.value = written(made);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const message = form.querySelector("[data-message]");
  const tell = (name) => {
    message.textContent = form.dataset[name];
    message.hidden = !name;
  };
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    message.hidden = true;
    try {
      if (!window.PublicKeyCredential) throw new DOMException("", "NotSupportedError");
      await ask(form);
    } catch (error) {
      tell(SENTENCES[error.name] ?? "failed");
    } finally {
      delete form.dataset.asking;
    }
  });
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const codes = [...document.querySelectorAll("[data-codes] code")].map((one) => one.textContent);
    await navigator.clipboard.writeText(`${codes.join("\n")}\n`);
    say(copy.dataset.copied);
    copy.querySelector("span").textContent = copy.dataset.copied;
  });
}

const paper = document.querySelector("[data-print]");
if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => print());
}
