// Shows the view that the address names, keeps it up to date, and says what happens meanwhile.

import { ApiError, placeOf, workIn, workingIn } from "./api.js";
import { goBy } from "./clock.js";
import { h, redraw } from "./dom.js";
import { closeDialogs, sentence } from "./forms.js";
import { watch } from "./live.js";
import * as incident from "./incident.js";
import * as incidents from "./incidents.js";
import * as messages from "./messages.js";
import * as onCall from "./on-call.js";
import { tick } from "./parts.js";
import * as people from "./people.js";
import * as plan from "./plan.js";
import * as plans from "./plans.js";
import * as replication from "./replication.js";
import * as timepiece from "./timepiece.js";
import * as unknown from "./unknown.js";

const VIEWS = { incident, incidents, messages, "on-call": onCall, people, plan, plans, "replication-set": replication };
const FIRST = "incidents";
// The views that are of one thing, which the address names.
const OF_ONE = ["incident", "plan"];
// The entry of the navigation that a view belongs to.
const ABOVE = { incident: "incidents", plan: "plans" };
const AGES = 15000;
const SETTLING = 2000;

const main = document.getElementById("main");
const awayBox = document.getElementById("away");
const linkBox = document.getElementById("link");
let known = null;
let shown = null;

/** Read `#/view/argument?query`. */
function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    argument = "";
  }
  if (!path) return { name: FIRST, argument, query: new URLSearchParams(query) };
  const known = Object.hasOwn(VIEWS, name) && OF_ONE.includes(name) === (argument !== "");
  return known ? { name, argument, query: new URLSearchParams(query) } : { name: "unknown", argument: location.hash, query: new URLSearchParams() };
}

function viewOf({ name }) {
  return VIEWS[name] ?? unknown;
}

/** Go to what the address names; a change of its query alone stays in the view. */
function go() {
  const to = route();
  const first = shown === null;
  if (shown && shown.name === to.name && shown.argument === to.argument) {
    shown.query = to.query;
    draw(shown);
    return;
  }
  closeDialogs();
  chooseAccount(to);
  for (const link of document.querySelectorAll("#nav a")) {
    const current = link.hash === `#/${ABOVE[to.name] ?? to.name}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  open(to, !first);
}

function open(to, focus) {
  const view = { ...to, ui: {}, data: null, problem: null, again: false, busy: false, fresh: true, focus };
  view.redraw = () => draw(view);
  view.reload = () => load(view);
  shown = view;
  main.setAttribute("aria-busy", "true");
  if (known) load(view);
}

/** Get what a view shows; a change that comes meanwhile is got after it. */
async function load(view) {
  if (view.busy) {
    view.again = true;
    return;
  }
  view.busy = true;
  do {
    view.again = false;
    try {
      const before = view.data;
      view.data = await viewOf(view).load(view);
      view.problem = null;
      if (before) say(viewOf(view).news?.(before, view.data));
    } catch (error) {
      if (!(error instanceof ApiError)) console.error(error);
      view.problem = error;
    }
  } while (view.again && view === shown);
  view.busy = false;
  draw(view);
  // Some changes come with time, and not with anybody's request.
  if (view.data && viewOf(view).settles?.(view.data)) setTimeout(() => settle(view), SETTLING);
}

function settle(view) {
  if (view !== shown) return;
  if (document.hidden) setTimeout(() => settle(view), SETTLING);
  else load(view);
}

function draw(view) {
  if (view !== shown || !(view.data || view.problem)) return;
  const drawn = view.data && !(view.problem && view.problem.code !== "NoAnswer")
    ? viewOf(view).draw(view)
    : { title: "Not found", nodes: problemNodes(view) };
  document.title = `${drawn.title} · Incident Manager · local`;
  main.setAttribute("aria-busy", "false");
  if (!view.fresh) {
    redraw(main, drawn.nodes);
    return;
  }
  view.fresh = false;
  main.replaceChildren(...drawn.nodes);
  if (view.focus) {
    const heading = main.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function problemNodes({ problem, reload }) {
  const missing = problem.code === "ResourceNotFoundException";
  return [
    h("h1", { key: "title" }, missing ? "This does not exist" : "This cannot be shown"),
    h("p", { key: "problem", class: "error" }, sentence(problem)),
    h("p", { key: "advice" }, missing
      ? "It was deleted, or the local AWS was restarted or reset since. "
      : h("button", { type: "button", onclick: reload }, "Try again"), " ",
    h("a", { href: "#/incidents" }, "See all incidents")),
  ];
}

/** Let an ARN in the address name the account; otherwise stay, as long as there is one. */
function chooseAccount(to) {
  const named = placeOf(to.argument);
  if (named) workIn(named);
  const accounts = known?.accounts ?? [];
  const current = workingIn();
  const here = accounts.some((each) => isPlace(each, current));
  if (!named && !here) workIn(accounts[0] ?? null);
  drawAccounts(accounts);
}

function isPlace(each, place) {
  return place !== null && each.account === place.account && each.partition === place.partition;
}

function drawAccounts(accounts) {
  const box = document.getElementById("accounts");
  if (accounts.length < 2) {
    box.replaceChildren(accounts.length ? h("span", { class: "account" }, `Account ${accounts[0].account}`) : "");
    return;
  }
  const current = workingIn();
  const options = accounts.map((each) => h("option", { value: `${each.account} ${each.partition}`, selected: isPlace(each, current) }, each.partition === "aws" ? each.account : `${each.account} (${each.partition})`));
  const select = h("select", { id: "account", onchange: () => switchTo(select.value) }, options);
  box.replaceChildren(h("label", { for: "account" }, "Account"), select);
}

function switchTo(value) {
  const [account, partition] = value.split(" ");
  workIn({ account, partition });
  timepiece.refresh();
  if (shown.argument) location.hash = `#/${ABOVE[shown.name] ?? shown.name}`;
  else open({ name: shown.name, argument: "", query: shown.query }, false);
}

function say(news) {
  if (news) document.getElementById("news").textContent = news;
}

function changed(state, restarted) {
  const accounts = JSON.stringify((known?.accounts ?? []).map(({ account, partition }) => [account, partition]));
  const same = accounts === JSON.stringify(state.accounts.map(({ account, partition }) => [account, partition]));
  known = state;
  goBy(state.clock);
  if (!same && !document.activeElement?.matches("#account")) chooseAccount(shown);
  timepiece.refresh();
  if (restarted) notice("The local AWS was restarted. What it kept before may be gone.");
  load(shown);
}

function away(since) {
  linkBox.textContent = since ? "Not connected" : "Live";
  linkBox.classList.toggle("gone", since !== null);
  if (since) notice(`The local AWS has not answered since ${since.toLocaleTimeString("en-GB")}. This page shows what was last known, and goes on by itself when it is back.`);
  else awayBox.hidden = true;
}

function notice(text) {
  const close = h("button", { type: "button", onclick: () => (awayBox.hidden = true) }, "Dismiss");
  awayBox.replaceChildren(h("span", {}, text), close);
  awayBox.hidden = false;
}

window.addEventListener("hashchange", go);
document.querySelector(".skip").onclick = (event) => {
  event.preventDefault(); // the address names the view
  main.focus();
};
go();
timepiece.begin(watch(changed, away));
setInterval(() => !document.hidden && draw(shown), AGES);
setInterval(() => {
  if (document.hidden) return;
  timepiece.draw();
  tick();
}, 1000);
