// What the pages of cards share: the choice of profile and day, and an error that says what to do.

import { $, fill, h } from "../core/dom.js";

export function chooser({ profile, profiles, day }) {
  fill(
    $("#profile"),
    profiles.map(({ id, label }) => h("option", { value: id, selected: id === profile.id }, label)),
  );
  $("#as_of").value = day ?? "";
}

export function failure(root, error) {
  fill(root, h("p", { class: "note error", role: "alert" }, error.message, " ", error.wayOut ?? ""));
}
