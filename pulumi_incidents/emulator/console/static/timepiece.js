// The clock in the bar: what it says, and how a person moves it on.

import { moveClock, upcoming } from "./api.js";
import { now, running, told } from "./clock.js";
import { h, redraw } from "./dom.js";
import { sentence } from "./forms.js";
import { exactly } from "./parts.js";

const STEPS = [["1 min", 60], ["5 min", 300], ["10 min", 600], ["1 h", 3600]];

const box = document.getElementById("clock");
const said = document.getElementById("clock-news");
let next = null;
let asked = null;
let look = () => {};

/** Begin; `moved` is called when a person has moved the clock. */
export function begin(moved) {
  look = moved;
  document.addEventListener("click", (event) => box.contains(event.target) || close());
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.querySelector("details").open) return;
    close();
    box.querySelector("summary").focus();
  });
  draw();
}

function close() {
  box.querySelector("details").open = false;
}

/** Find out what is due next, after something has changed. */
export async function refresh() {
  const mine = (asked = upcoming());
  let first = null;
  try {
    [first] = await mine;
  } catch {
    // Who does not answer is told elsewhere.
  }
  if (mine !== asked) return; // something else has changed since
  next = first;
  draw();
}

export function draw() {
  redraw(box, [h("details", { key: "clock" },
    h("summary", {}, h("span", { class: "unseen" }, "Clock of the local AWS: "), shown(), " ", h("span", { class: "how" }, told())),
    h("div", { class: "panel" },
      h("p", {}, h("b", {}, exactly(new Date(now()))), h("span", { class: "muted" }, told() === "" ? "By the wall" : `The clock is ${told()}`)),
      h("div", { class: "moves", role: "group", "aria-label": "Move the clock on" },
        STEPS.map(([word, advance]) => h("button", { type: "button", onclick: () => move({ advance }) }, `+ ${word}`))),
      next
        ? h("button", { key: "next", type: "button", onclick: () => move({ time: next.time }) }, `To what is next, ${new Date(next.time).toLocaleTimeString("en-GB")}`)
        : h("p", { key: "none", class: "muted" }, "Nothing is due."),
      h("div", { class: "moves" },
        h("button", { type: "button", key: "run", onclick: () => move({ running: !running() }) }, running() ? "Stop the clock" : "Let it run"),
        told() !== "" && h("button", { type: "button", key: "wall", onclick: () => move({}) }, "Back to the wall"))))]);
}

function shown() {
  const text = new Date(now()).toLocaleTimeString("en-GB");
  return h("span", { class: "time" }, text.slice(0, 5), h("span", { class: "seconds" }, text.slice(5)));
}

async function move(change) {
  try {
    const { time } = await moveClock(change);
    said.textContent = `The clock says ${exactly(new Date(time))}.`;
    look();
  } catch (problem) {
    said.textContent = sentence(problem);
  }
}
