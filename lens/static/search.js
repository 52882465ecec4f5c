/** The search page: a list that stays live without moving under the pointer, and a lighter form. */

import { listen } from "./keys.js";
import { localise } from "./page.js";
import { follow } from "./stream.js";
import { suggest } from "./suggestions.js";

const AT_MOST_EVERY_MS = 400;
const found = document.getElementById("found");
const results = document.getElementById("results");
const newTraces = document.getElementById("new-traces");
const pause = document.getElementById("pause");
const says = document.getElementById("live-says");
const beacon = document.getElementById("beacon");
const form = document.getElementById("query");

const rowIds = (within) => [...within.querySelectorAll(".traces tbody tr")].map((row) => row.id);

/** Keeps the newest answer of the server, and shows it as soon as nobody points at the list. */
class LiveList {
  held = null;
  paused = false;
  requestedAt = 0;
  waiting = false;
  again = false;

  get busy() {
    const parts = [...results.querySelectorAll(".list, .plot")];
    const used = (part) => part.matches(":hover") || part.contains(document.activeElement);
    return this.paused || parts.some(used);
  }

  /** Asks at once, but not more often than AT_MOST_EVERY_MS; the last arrival is never missed. */
  async refresh() {
    if (this.waiting) {
      this.again = true;
      return;
    }
    this.waiting = true;
    const rest = this.requestedAt + AT_MOST_EVERY_MS - Date.now();
    if (rest > 0) await new Promise((done) => setTimeout(done, rest));
    this.requestedAt = Date.now();
    this.again = false;
    try {
      const answer = await fetch(`/search/results${location.search}`);
      if (answer.ok) this.hold(await answer.text());
    } catch {
      beacon.className = "beacon lost";
    }
    this.waiting = false;
    if (this.again) this.refresh();
  }

  hold(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const here = new Set(rowIds(results));
    this.held = { nodes: [...page.body.childNodes], fresh: rowIds(page).filter((id) => !here.has(id)) };
    if (!this.busy) this.show();
    else this.count();
  }

  count() {
    const number = this.held?.fresh.length ?? 0;
    newTraces.hidden = number === 0;
    newTraces.textContent = number === 1 ? "1 new trace" : `${number} new traces`;
  }

  show() {
    if (!this.held) return;
    const { nodes, fresh } = this.held;
    this.held = null;
    results.replaceChildren(...nodes.map((node) => document.adoptNode(node)));
    for (const id of fresh) document.getElementById(id)?.classList.add("fresh");
    localise(results);
    this.count();
  }
}

function goLive() {
  const list = new LiveList();
  const state = (name) => {
    const shown = list.paused ? "paused" : name;
    beacon.className = `beacon ${shown}`;
    says.textContent = { live: "Live", paused: "Paused", lost: "Not connected; trying again" }[shown];
  };
  document.getElementById("live").hidden = false;
  pause.addEventListener("click", () => {
    list.paused = !list.paused;
    pause.textContent = list.paused ? "Resume" : "Pause";
    pause.setAttribute("aria-pressed", String(list.paused));
    state("live");
    if (!list.busy) list.show();
  });
  newTraces.addEventListener("click", () => list.show());
  results.addEventListener("pointerleave", () => setTimeout(() => list.busy || list.show(), 300));
  results.addEventListener("focusout", () => setTimeout(() => list.busy || list.show(), 300));
  follow(found.dataset.seq, { onTrace: () => list.refresh(), onState: state });
}

/** Operations of the chosen service, for the suggestions under the field. */
async function offerOperations() {
  const service = form.elements.service.value;
  const list = document.getElementById("operations");
  list.replaceChildren();
  if (!service) return;
  const answer = await fetch(`/api/operations?service=${encodeURIComponent(service)}`);
  const names = answer.ok ? (await answer.json()).data.map((operation) => operation.name) : [];
  list.replaceChildren(...[...new Set(names)].sort().map((name) => new Option(name, name)));
}

function tendForm() {
  const range = document.getElementById("range");
  const showRange = () => { range.hidden = form.elements.lookback.value !== "custom"; };
  form.elements.lookback.addEventListener("change", showRange);
  form.elements.service.addEventListener("change", () => {
    form.elements.operation.value = "";
    offerOperations();
  });
  // Empty fields stay out of the address, so that it can be read and shared.
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value && name !== "was") formData.delete(name);
    if (formData.get("lookback") !== "custom") ["last", "start", "end"].forEach((n) => formData.delete(n));
  });
  showRange();
}

/** Goes through the list by its links, from the one that has the focus. */
function step(by) {
  const links = [...results.querySelectorAll(".go")];
  const here = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, here + by))]?.focus();
}

function offerKeys() {
  const help = document.getElementById("keys");
  const show = () => help.showModal();
  document.getElementById("help").addEventListener("click", show);
  listen({
    "/": () => form.elements.q.focus(),
    j: () => step(1),
    k: () => step(-1),
    "?": show,
  });
}

tendForm();
offerKeys();
suggest(form.elements.q, document.getElementById("q-suggestions"), () => form.elements.service.value);
// On a phone the list comes first; the form opens at a touch.
if (matchMedia("(max-width: 720px)").matches && !form.querySelector(".wrong")) {
  document.getElementById("conditions").open = false;
}
if ("live" in found.dataset) goLive();
