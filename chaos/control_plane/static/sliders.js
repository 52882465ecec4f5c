/** The sliders: drawn while they move, sent when they are released. */

import { Refused, call } from "./api.js";
import { refresh } from "./board.js";
import { announce, showError } from "./toasts.js";

const DEBOUNCE = 200;
const pending = new Map();

/** The delay, in milliseconds, that a slider of latencies stands for. */
const delay = (value) => Number(document.querySelector("[data-stops]").dataset.stops.split(",")[value]);
const seconds = (ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);
const inWords = (kind, value) => (kind === "errors" ? `${value} %` : seconds(delay(value)));

/** Draws a slider; `text` is more exact than the slider where the value is between two stops. */
function draw(slider, value, text) {
  const input = slider.querySelector("input");
  const output = slider.querySelector("output");
  input.value = value;
  input.style.setProperty("--share", (100 * value) / Number(input.max));
  input.setAttribute("aria-valuetext", text);
  if (output.textContent !== text) output.textContent = text;
  output.classList.toggle("on", value > 0);
  slider.classList.toggle("on", value > 0);
}

/** Takes over the server's value of a slider, unless the user is moving it. */
export function show(slider, fresh) {
  if (!slider || pending.has(slider.dataset.slider) || slider.classList.contains("held")) return;
  const input = fresh.querySelector("input");
  const { fault, rest, value } = fresh.dataset;
  Object.assign(slider.dataset, { fault, rest, value });
  slider.querySelector("input").disabled = input.dataset.closed !== undefined;
  slider.querySelector("output").title = fresh.querySelector("output").title;
  draw(slider, Number(value), input.getAttribute("aria-valuetext"));
}

/** The fault with the slider's value in it. */
function faultOf(slider, value) {
  const fault = JSON.parse(slider.dataset.fault);
  if (slider.dataset.kind === "errors") return { ...fault, rate: value / 100 };
  return { ...fault, rate: value ? 1 : 0, effect: { ...fault.effect, ms: delay(value) } };
}

async function send(slider, value) {
  const fault = faultOf(slider, value);
  const whom = document.body.dataset.scope === "mine" ? "only me" : "whole class";
  slider.classList.add("busy");
  try {
    if (value === Number(slider.dataset.rest)) await remove(fault.id);
    else await call("PUT", `/faults/${fault.id}`, fault);
    announce(`${slider.querySelector("label").textContent}: ${inWords(slider.dataset.kind, value)}, ${whom}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(error.message);
  } finally {
    slider.classList.remove("busy");
    pending.delete(slider.dataset.slider);
    await refresh();
  }
}

/** Removes a fault; one that does not exist needs no removing. */
async function remove(id) {
  await call("DELETE", `/faults/${id}`).catch((error) => {
    if (error.status !== 404) throw error;
  });
}

/** Several presses of a key are one change. */
function release(slider) {
  const name = slider.dataset.slider;
  clearTimeout(pending.get(name));
  pending.set(name, setTimeout(() => send(slider, Number(slider.querySelector("input").value)), DEBOUNCE));
}

export function useSliders() {
  document.addEventListener("input", ({ target }) => {
    const slider = target.closest("[data-slider]");
    if (!slider) return;
    slider.classList.add("held");
    draw(slider, Number(target.value), inWords(slider.dataset.kind, Number(target.value)));
  });
  document.addEventListener("change", ({ target }) => {
    const slider = target.closest("[data-slider]");
    if (!slider) return;
    slider.classList.remove("held");
    release(slider);
  });
  for (const slider of document.querySelectorAll("[data-slider]")) show(slider, slider);
}
