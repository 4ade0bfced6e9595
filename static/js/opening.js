// Opens the map: what is on is asked for and drawn before the workspace around it is there.

import { begin } from "./core/busy.js";
import { catalogue } from "./core/catalogue.js";
import { t } from "./core/i18n.js";
import { state } from "./core/state.js";
import { toast } from "./core/toast.js";
import { showLayers } from "./layers/shown.js";
import { goHome, goTo, watchHand } from "./map/going.js";

const LATEST_MS = 400; // the workspace does not wait longer for what is slow to come

// `rest()` brings the workspace.
export async function openMap(map, rest) {
  map.attributionControl?.setPrefix(false);
  const drawn = isPlain() ? draw(map) : null;
  if (drawn) await Promise.race([drawn.then(painted), after(LATEST_MS)]);
  const { openWorkspace } = await rest().finally(begin()).catch(missing);
  openWorkspace(map, drawn);
}

// A map without panels looks whole: what is missing is told.
function missing(error) {
  const again = { label: t("error.again"), run: () => location.reload() };
  toast(t("error.panels"), { kind: "error", action: again, seconds: 0 });
  throw error;
}

// A filter or a style of the address has to be looked at before anything is drawn by it.
const isPlain = ({ filters, styles } = state.value) => !Object.keys(filters).length && !Object.keys(styles).length;

async function draw(map) {
  const failed = await catalogue.ahead().catch(() => true); // the workspace meets the same error, and tells it
  if (failed) return;
  if (state.value.view) goTo(map, state.value.view);
  else goHome(map, { animate: false });
  watchHand(map);
  await showLayers(map);
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A page that is not seen paints nothing.
const painted = () => document.hidden || new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
