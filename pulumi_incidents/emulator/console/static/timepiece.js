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
  try {
    [next] = await upcoming();
  } catch {
    next = null; // who does not answer is told elsewhere
  }
  draw();
}

export function draw() {
  redraw(box, [h("details", { key: "clock" },
    h("summary", {}, h("span", { class: "unseen" }, "Clock of the local AWS: "), h("span", { class: "time" }, new Date(now()).toLocaleTimeString("en-GB")), " ", h("span", { class: "how" }, told())),
    h("div", { class: "panel" },
      h("p", {}, h("b", {}, exactly(new Date(now()))), h("span", { class: "muted" }, told() === "" ? "By the wall" : `The clock is ${told()}`)),
      h("div", { class: "moves", role: "group", "aria-label": "Move the clock on" },
        STEPS.map(([word, advance]) => h("button", { type: "button", "aria-label": `Move the clock on by ${word}`, onclick: () => move({ advance }) }, `+ ${word}`))),
      next
        ? h("button", { key: "next", type: "button", onclick: () => move({ time: next.time }) }, `To the next page, ${new Date(next.time).toLocaleTimeString("en-GB")}`)
        : h("p", { key: "none", class: "muted" }, "Nobody is about to be paged."),
      h("div", { class: "moves" },
        h("button", { type: "button", key: "run", onclick: () => move({ running: !running() }) }, running() ? "Stop the clock" : "Let it run"),
        told() !== "" && h("button", { type: "button", key: "wall", onclick: () => move({}) }, "Back to the wall"))))]);
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
