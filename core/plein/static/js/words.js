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
    table: "Tabel",
    tableHint: "Tab gaat naar de volgende cel. Escape en dan Tab gaat uit het veld.",
    rowAdd: "Rij erbij",
    rowUp: "Rij omhoog",
    rowDown: "Rij omlaag",
    rowDrop: "Rij weg",
    columnAdd: "Kolom erbij",
    columnLeft: "Kolom naar links",
    columnRight: "Kolom naar rechts",
    columnDrop: "Kolom weg",
    align: "Uitlijnen",
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
    table: "Table",
    tableHint: "Tab goes to the next cell. Escape and then Tab leaves the field.",
    rowAdd: "Add row",
    rowUp: "Row up",
    rowDown: "Row down",
    rowDrop: "Remove row",
    columnAdd: "Add column",
    columnLeft: "Column left",
    columnRight: "Column right",
    columnDrop: "Remove column",
    align: "Align",
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
