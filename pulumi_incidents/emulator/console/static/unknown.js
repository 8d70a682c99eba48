// An address that names no view.

import { h } from "./dom.js";

export async function load() {
  return {};
}

export function draw({ argument }) {
  return {
    title: "Not found",
    nodes: [
      h("h1", { key: "title" }, "There is no such page"),
      h("p", { key: "problem" }, "The console has nothing at ", h("code", { dir: "auto" }, argument), ": look for it among the ",
        h("a", { href: "#/incidents" }, "incidents"), " or the ", h("a", { href: "#/plans" }, "plans"), "."),
    ],
  };
}
