/** The page of one trace: rows, zoom, find and keyboard, and spans that arrive while it is read. */

import { Find } from "./find.js";
import { listen } from "./keys.js";
import { localise } from "./page.js";
import { Rows } from "./rows.js";
import { follow } from "./stream.js";
import { Zoom } from "./zoom.js";

const help = document.getElementById("keys");
let page = document.getElementById("trace");
let rows = null;
let zoom = null;
let find = null;

/** Joins the parts to what is on the page now; runs again after the page completed itself. */
function join() {
  const container = document.getElementById("rows");
  if (!container) return;
  const { trace, length } = page.dataset;
  rows = new Rows(container, trace, { onStale: complete });
  zoom = new Zoom(document.getElementById("minimap"), container, document.getElementById("ruler"), Number(length));
  find = new Find(document.getElementById("find"), rows, trace);
}

function remember(spanId) {
  const address = new URL(location.href);
  if (spanId) address.searchParams.set("span", spanId);
  else address.searchParams.delete("span");
  address.hash = "";
  history.replaceState(null, "", address);
}

function toggle(row) {
  if (!row) return false;
  rows.choose(rows.numberOf(row));
  if (rows.detailsOf(row)) {
    rows.close(row);
    remember(null);
  } else {
    rows.open(row);
    remember(rows.spanOf(row));
  }
  return true;
}

async function jump(number) {
  const row = await rows.choose(number, { block: "center" });
  if (!row) return;
  remember(rows.spanOf(row));
  await rows.open(row);
}

const actions = {
  "collapse-all": () => rows.foldAll(true),
  "expand-all": () => rows.foldAll(false),
  "next-error": () => rows.next(rows.failed),
  help: () => help.showModal(),
};

function clear() {
  if (help.open) help.close();
  else if (zoom.zoomed) zoom.clear();
  else find.clear();
  document.activeElement?.blur();
}

function fold(closed) {
  if (rows.current === null || !rows.hasChildren(rows.current)) return false;
  rows.fold(rows.current, closed);
  return true;
}

function press(event) {
  const button = event.target.closest("[data-do]");
  if (button) {
    actions[button.dataset.do]();
    return;
  }
  const link = event.target.closest("[data-jump]");
  const whole = event.target.closest("[data-whole]");
  const row = whole ? whole.closest(".details").previousElementSibling : event.target.closest(".row");
  if (!(row || link) || event.ctrlKey || event.metaKey || event.shiftKey || getSelection().type === "Range") return;
  event.preventDefault();
  if (link) jump(Number(link.dataset.jump));
  else if (whole) rows.open(row, { whole: true });
  else if (event.target.closest(".fold")) rows.toggle(rows.numberOf(row));
  else toggle(row);
}

/** Takes the page anew when spans of this trace arrived, and keeps what was open and where one was. */
async function complete() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("trace");
  if (!fresh || fresh.dataset.spans === page.dataset.spans) return;
  const open = [...page.querySelectorAll(".row.open")].map((row) => row.id);
  const current = page.querySelector(".row.current")?.id;
  page.replaceWith(document.adoptNode(fresh));
  page = fresh;
  localise(page);
  join();
  if (!rows) return;
  for (const id of open) rows.open(document.getElementById(id));
  const row = current && document.getElementById(current);
  if (row) rows.choose(rows.numberOf(row), { focus: false });
}

function stayComplete() {
  let timer = 0;
  follow(page.dataset.seq, {
    onTrace: ({ traceId, spanCount }) => {
      if (traceId !== page.dataset.trace || String(spanCount) === page.dataset.spans) return;
      clearTimeout(timer);
      timer = setTimeout(complete, 150);
    },
  });
}

/** The views by their place among the tabs; they and the help have keys in each of them. */
const open = (place) => () => document.querySelectorAll(".tabs a")[place].click();
const everywhere = {
  ...Object.fromEntries([0, 1, 2, 3, 4].map((place) => [String(place + 1), open(place)])),
  s: () => scrollBy(0, innerHeight / 2),
  w: () => scrollBy(0, -innerHeight / 2),
  "?": actions.help,
};

join();
if (!rows) listen({ ...everywhere, Escape: () => help.close() });
else {
  document.addEventListener("click", press);
  listen({
    ...everywhere,
    j: () => rows.step(1),
    f: () => rows.step(1),
    ArrowDown: (target) => (target.closest("#rows") ? rows.step(1) : false),
    k: () => rows.step(-1),
    b: () => rows.step(-1),
    ArrowUp: (target) => (target.closest("#rows") ? rows.step(-1) : false),
    Enter: () => toggle(rows.row(rows.current)),
    ArrowLeft: () => fold(true),
    ArrowRight: () => fold(false),
    "[": actions["expand-all"],
    "]": actions["collapse-all"],
    o: () => rows.foldLevel(false),
    p: () => rows.foldLevel(true),
    e: actions["next-error"],
    a: () => zoom.pan(-0.25),
    d: () => zoom.pan(0.25),
    A: () => zoom.pan(-1),
    D: () => zoom.pan(1),
    "+": () => zoom.scale(0.5),
    "-": () => zoom.scale(2),
    "/": () => find.input.focus(),
    Escape: clear,
  });
  if (page.dataset.named) rows.row(rows.current)?.scrollIntoView({ block: "center" });
}
stayComplete();
