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
    kept: "Bewaard om #.",
    notKept: "Niet bewaard. Het wordt zo opnieuw geprobeerd.",
    offline: "Niet bewaard, geen verbinding.",
    mayNot: "Niet bewaard: je bent niet meer ingelogd, of mag hier niet meer schrijven. Je tekst staat nog in dit formulier.",
    gone: "Niet bewaard: deze pagina is weg. Je tekst staat nog in dit formulier.",
    tooLong: "Niet bewaard: de tekst is te lang.",
    elsewhere: "Niet bewaard: deze tekst staat ook open in een ander tabblad of op een ander apparaat.",
    keepThis: "Ga hier verder",
    editPart: "Bewerk dit deel",
    toolbar: "Opmaak",
    bold: "Vet",
    italic: "Cursief",
    heading: "Kopje",
    list: "Lijst",
    quote: "Citaat",
    code: "Code",
    link: "Link",
    table: "Tabel",
    column: "Kolom",
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
    kept: "Kept at #.",
    notKept: "Not kept. It is tried again in a moment.",
    offline: "Not kept, no connection.",
    mayNot: "Not kept: you are signed out, or may not write here any more. Your text is still in this form.",
    gone: "Not kept: this page is gone. Your text is still in this form.",
    tooLong: "Not kept: the text is too long.",
    elsewhere: "Not kept: this text is open in another tab or on another device too.",
    keepThis: "Go on here",
    editPart: "Edit this part",
    toolbar: "Formatting",
    bold: "Bold",
    italic: "Italic",
    heading: "Heading",
    list: "List",
    quote: "Quote",
    code: "Code",
    link: "Link",
    table: "Table",
    column: "Column",
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
