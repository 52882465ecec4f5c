/** The sliders: shown at once, sent when they are let go of. */

import { Refused, call } from "./api.js";
import { refresh } from "./board.js";
import { refused, say } from "./said.js";

const LET_GO = 200;
const pending = new Map();

/** The delay, in milliseconds, that a slider of latencies stands for. */
const delay = (value) => Number(document.querySelector("[data-stops]").dataset.stops.split(",")[value]);
const seconds = (ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);
const worded = (kind, value) => (kind === "errors" ? `${value} %` : seconds(delay(value)));

/** Draws a slider as it stands; `text` is more exact than the slider where the value is odd. */
function draw(knob, value, text) {
  const input = knob.querySelector("input");
  const output = knob.querySelector("output");
  input.value = value;
  input.style.setProperty("--share", (100 * value) / Number(input.max));
  input.setAttribute("aria-valuetext", text);
  if (output.textContent !== text) output.textContent = text;
  output.classList.toggle("on", value > 0);
  knob.classList.toggle("on", value > 0);
}

/** Takes over what the server says of a slider, unless it is in somebody's hand. */
export function show(knob, fresh) {
  if (!knob || pending.has(knob.dataset.knob) || knob.classList.contains("held")) return;
  const input = fresh.querySelector("input");
  const { fault, rest, value } = fresh.dataset;
  Object.assign(knob.dataset, { fault, rest, value });
  knob.querySelector("input").disabled = input.dataset.closed !== undefined;
  knob.querySelector("output").title = fresh.querySelector("output").title;
  draw(knob, Number(value), input.getAttribute("aria-valuetext"));
}

/** The fault with the slider's value in it. */
function faultOf(knob, value) {
  const fault = JSON.parse(knob.dataset.fault);
  if (knob.dataset.kind === "errors") return { ...fault, rate: value / 100 };
  return { ...fault, rate: value ? 1 : 0, effect: { ...fault.effect, ms: delay(value) } };
}

async function send(knob, value) {
  const fault = faultOf(knob, value);
  const whom = document.body.dataset.scope === "mine" ? "only me" : "whole class";
  knob.classList.add("busy");
  try {
    if (value === Number(knob.dataset.rest)) await away(fault.id);
    else await call("PUT", `/faults/${fault.id}`, fault);
    say(`${knob.querySelector("label").textContent}: ${worded(knob.dataset.kind, value)}, ${whom}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused(error.message);
  } finally {
    knob.classList.remove("busy");
    pending.delete(knob.dataset.knob);
    await refresh();
  }
}

/** Nothing is to be there; that nothing was is as good. */
async function away(id) {
  await call("DELETE", `/faults/${id}`).catch((error) => {
    if (error.status !== 404) throw error;
  });
}

/** A key pressed again and again is one change. */
function letGo(knob) {
  const name = knob.dataset.knob;
  clearTimeout(pending.get(name));
  pending.set(name, setTimeout(() => send(knob, Number(knob.querySelector("input").value)), LET_GO));
}

export function useKnobs() {
  document.addEventListener("input", ({ target }) => {
    const knob = target.closest("[data-knob]");
    if (!knob) return;
    knob.classList.add("held");
    draw(knob, Number(target.value), worded(knob.dataset.kind, Number(target.value)));
  });
  document.addEventListener("change", ({ target }) => {
    const knob = target.closest("[data-knob]");
    if (!knob) return;
    knob.classList.remove("held");
    letGo(knob);
  });
  for (const knob of document.querySelectorAll("[data-knob]")) show(knob, knob);
}
