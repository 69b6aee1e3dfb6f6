// What makes pages quicker to use. Everything works without it; each part stands in a file of its own.
import { startMenus } from "./menus.js";
import { startKeys } from "./keys.js";
import { startForms } from "./forms.js";
import { startLooks } from "./looks.js";
import { startReading } from "./reading.js";
import { startSuggesting } from "./suggest.js";
import "./toolbar.js";
import { startAssistant } from "./assistant.js";
import { startTables } from "./tables.js";
import { startChoosing } from "./choosing.js";
import { startBell } from "./bell.js";
import "./preview.js";
import "./autosave.js";
import "./presence.js";

document.documentElement.classList.add("js");
startMenus();
startKeys();
startForms();
startLooks();
startReading();
startSuggesting();
startTables();
startAssistant();
startChoosing();
startBell();

// Who only reads need not wait for it.
if (document.querySelector("[data-uploads]")) import("./uploads.js").then(({ startUploads }) => startUploads());
