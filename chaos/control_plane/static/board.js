/** Fetches the page again and replaces the parts that changed, but not what the user is moving. */

import { headers, timeout } from "./api.js";
import { show } from "./sliders.js";

const written = new Map();
let running = null;
let again = false;

/** One refresh at a time; a call meanwhile starts another one after it. */
export function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = fetchAll().finally(() => { running = null; });
  return running;
}

async function fetchAll() {
  do {
    again = false;
    const text = await fetchPage().catch(() => "");
    if (!text) return;
    take(new DOMParser().parseFromString(text, "text/html"));
  } while (again);
}

async function fetchPage() {
  const response = await fetch(location.pathname + location.search, { headers: headers(), signal: timeout() });
  return response.ok ? response.text() : "";
}

function take(page) {
  const { role, scope } = page.body.dataset;
  if (role !== document.body.dataset.role) return become(page);
  document.body.dataset.scope = scope;
  for (const fresh of page.querySelectorAll("[data-part]")) takePart(fresh);
  for (const fresh of page.querySelectorAll("[data-slider]")) show(document.querySelector(`[data-slider="${fresh.dataset.slider}"]`), fresh);
}

function takePart(fresh) {
  const name = fresh.dataset.part;
  const old = document.querySelector(`[data-part="${name}"]`);
  if (!old || written.get(name) === fresh.outerHTML) return;
  written.set(name, fresh.outerHTML);
  const held = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(document.adoptNode(fresh));
  if (held) (document.getElementById(held) ?? document.getElementById("main")).focus({ preventScroll: true });
  tick();
}

/** The role changed: the whole page is another one. */
function become(page) {
  document.body.dataset.role = page.body.dataset.role;
  document.body.dataset.scope = page.body.dataset.scope;
  for (const place of ["main", ".top .stop", "#sign-in > :first-child"]) {
    const fresh = page.querySelector(place);
    const old = document.querySelector(place);
    if (fresh && old) old.replaceWith(document.adoptNode(fresh));
    else if (fresh) document.querySelector(".top").append(document.adoptNode(fresh));
    else old?.remove();
  }
  for (const slider of document.querySelectorAll("[data-slider]")) show(slider, slider);
}

const two = (number) => String(number).padStart(2, "0");

function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function ago(seconds) {
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
}

function tick() {
  for (const place of document.querySelectorAll("time[data-ends]")) {
    const left = Math.max(0, Math.floor(Number(place.dataset.ends) - Date.now() / 1000));
    if (place.textContent !== clock(left)) place.textContent = clock(left);
  }
  for (const place of document.querySelectorAll("time[data-ago]")) {
    const past = ago(Math.max(0, Math.floor(Date.now() / 1000 - Number(place.dataset.ago))));
    if (place.textContent !== past) place.textContent = past;
  }
}

tick();
setInterval(tick, 1000);
