// The few words that scripts add to a page, in the language of the page.
const WORDS = {
  nl: {
    write: "Schrijven",
    preview: "Voorbeeld",
    loading: "Het voorbeeld wordt gemaakt…",
    failed: "Het voorbeeld kon niet worden gemaakt. Je tekst staat nog in het veld.",
    empty: "Er is nog niets om te laten zien.",
    copy: "Kopieer de link naar dit kopje",
    copied: "De link is gekopieerd",
    suggestions: "Voorstellen",
    found: "Voorstellen: #. Kies met de pijltjes.",
    nobody: "Niets gevonden",
    guest: "Gast",
    chosen: "Gekozen",
    added: "# is gekozen",
    remove: "Haal # weg",
    removed: "# is weggehaald",
    count: "# gekozen",
    chooseAll: "Alles kiezen",
    chooseNone: "Niets kiezen",
  },
  en: {
    write: "Write",
    preview: "Preview",
    loading: "The preview is being made…",
    failed: "The preview could not be made. Your text is still in the field.",
    empty: "There is nothing to show yet.",
    copy: "Copy the link to this heading",
    copied: "The link is copied",
    suggestions: "Suggestions",
    found: "Suggestions: #. Choose with the arrow keys.",
    nobody: "Nothing found",
    guest: "Guest",
    chosen: "Chosen",
    added: "# is chosen",
    remove: "Remove #",
    removed: "# is removed",
    count: "# chosen",
    chooseAll: "Choose all",
    chooseNone: "Choose none",
  },
};

export const word = (name) => (WORDS[document.documentElement.lang] ?? WORDS.en)[name];

export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// Said by screen readers, seen by nobody.
export function say(text) {
  let place = document.getElementById("said");
  if (!place) {
    place = document.createElement("p");
    place.id = "said";
    place.className = "visually-hidden";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = text;
}
