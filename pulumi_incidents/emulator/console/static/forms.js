// Forms and dialogs: what goes wrong is said where it went wrong, and nothing typed is lost.

import { h } from "./dom.js";
import { IMPACTS } from "./words.js";

let ids = 0;

/** A labelled control: `{row, control}`. */
export function field(label, control, hint) {
  control.id = `field-${++ids}`;
  const hintId = `${control.id}-hint`;
  if (hint) control.setAttribute("aria-describedby", hintId);
  const row = h("div", { class: "field" }, h("label", { for: control.id }, label), control, hint && h("p", { id: hintId, class: "hint" }, hint));
  return { row, control };
}

export function impactSelect(chosen) {
  const options = Object.entries(IMPACTS).map(([level, word]) => h("option", { value: level, selected: Number(level) === chosen }, `${level} ${word}`));
  return h("select", {}, options);
}

/** A form that stays as it is while the page around it changes; `key` says whose form it is. */
export function form(key, content, submit, act) {
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "primary" }, submit);
  const made = h("form", { key, "data-mine": true, novalidate: true }, content, error, h("div", { class: "buttons" }, button));
  made.onsubmit = (event) => {
    event.preventDefault();
    attempt(button, error, () => act(made));
  };
  return made;
}

/** Open a dialog that does one thing; it closes when that has worked. */
export function dialog({ title, content, submit, danger, act }) {
  const id = `dialog-${++ids}`;
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const confirm = h("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const cancel = h("button", { type: "button", onclick: () => box.close() }, "Cancel");
  const inner = h("form", { novalidate: true }, h("h2", { id }, title), content, error, h("div", { class: "buttons" }, cancel, confirm));
  const box = h("dialog", { "aria-labelledby": id }, inner);
  inner.onsubmit = (event) => {
    event.preventDefault();
    attempt(confirm, error, async () => {
      await act();
      box.close();
    });
  };
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

export function closeDialogs() {
  for (const box of document.querySelectorAll("dialog")) box.close();
}

/** Do it once however often the button is pressed, and say what went wrong. */
async function attempt(button, error, act) {
  // Not `disabled`: the button would lose the focus.
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  error.hidden = true;
  try {
    await act();
  } catch (problem) {
    error.textContent = sentence(problem);
    error.hidden = false;
  }
  button.ariaDisabled = "false";
}

export function sentence(problem) {
  return problem.code && problem.code !== "NoAnswer" ? `${problem.message} (${problem.code})` : problem.message;
}
