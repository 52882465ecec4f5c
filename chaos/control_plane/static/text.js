/** Faults written as text: errors are shown with their path. */

import { Refused, call, read } from "./api.js";
import { refresh } from "./board.js";
import { announce } from "./toasts.js";

/** The faults of a text, as the control plane reads them. Throws Refused. */
async function faultsOf(text) {
  return JSON.parse(await read("/validate", { method: "POST", type: "application/yaml", body: text })).faults;
}

function showLines(lines, fine = false) {
  const rows = lines.map((line) => {
    const row = document.createElement("li");
    row.textContent = line;
    row.classList.toggle("fine", fine);
    return row;
  });
  document.getElementById("problems").replaceChildren(...rows);
}

function problems(error) {
  const lines = error.errors.map(({ path, message, hint }) => `${path ? `${path}: ` : ""}${message}${hint ? ` – ${hint}` : ""}`);
  return lines.length ? lines : [error.message];
}

async function attempt(what) {
  try {
    await what();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showLines(problems(error));
  }
}

const text = () => document.getElementById("text").value;

async function validate() {
  const faults = await faultsOf(text());
  showLines([`Valid: ${faults.map(({ id }) => id).join(", ")}.`], true);
}

async function apply() {
  const faults = await faultsOf(text());
  for (const fault of faults) await call("PUT", `/faults/${fault.id}`, fault);
  showLines([]);
  announce(`${faults.map(({ id }) => id).join(", ")} applied`);
  await refresh();
}

export function useText() {
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "any") return;
    event.preventDefault();
    attempt(apply);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-validate]")) attempt(validate);
  });
}
