/** The control room: the server renders the page, and it is fetched again when something changed. */

import { Refused, call, keepToken, read, token } from "./api.js";
import { refresh } from "./board.js";
import { offerColours } from "./colours.js";
import { follow } from "./live.js";
import { useSliders } from "./sliders.js";
import { useText } from "./text.js";
import { announce, showError } from "./toasts.js";

const LAMP = {
  live: "Live",
  lost: "Connection lost, reconnecting",
  closed: "Not signed in",
  unknown: "Unknown token",
};
const UNKNOWN = "This token is not known.";
const HITS_AT_MOST_EVERY = 1500;

/** Does it, announces it, and refreshes the page. */
async function attempt(button, what, done) {
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await what();
    if (done) announce(typeof done === "function" ? done(answer) : done);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(error.message);
  } finally {
    button?.removeAttribute("aria-busy");
    await refresh();
  }
}

const ACTIONS = {
  extend: (id) => [() => call("POST", `/faults/${id}/extend`, { ttl: "10m" }), `${id} extended by 10 minutes, to 4 hours at most`],
  remove: (id) => [() => call("DELETE", `/faults/${id}`), `${id} removed`],
  profile: (name) => [() => call("PUT", "/profile", { name }), `Profile ${name} chosen`],
  run: (id, data) => [() => call("POST", `/scenarios/${id}/runs`, { scope: data.for }), "Scenario started: go to the shop and find out what is wrong"],
  runStop: (id) => [() => call("POST", `/runs/${id}/stop`), "Scenario stopped"],
  reveal: (id) => [() => call("POST", `/runs/${id}/reveal`), "Revealed: everybody can see its faults now"],
  report: (id, data) => [() => download(id, data.named), "Report downloaded"],
  hint: (id) => [() => call("POST", `/runs/${id}/hint`), "Hint shown"],
  fix: (id, data) => [() => call("POST", `/runs/${data.of}/fix`, { fix: id }), "Fix applied: try again in the shop"],
};

function stopped({ removed, stopped_defaults: defaults }) {
  const rest = defaults.length ? `. The shop's default faults rest, too: ${defaults.join(", ")}` : "";
  return `All fault injection stopped${removed.length ? `, ${removed.length} removed` : ""}${rest}`;
}

/** Fetched by script, because a link sends no token. */
async function download(id, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([await read(`/runs/${id}/report?format=html`)], { type: "text/html" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  for (const [name, act] of Object.entries(ACTIONS)) {
    if (button.dataset[name] !== undefined) attempt(button, ...act(button.dataset[name], button.dataset));
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-scope]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.href);
  refresh().then(() => announce(link.dataset.scope === "mine" ? "Only your session is affected from now on" : "The whole class is affected from now on"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.reset) {
    event.preventDefault();
    attempt(form.querySelector("button"), () => call("POST", "/reset", { scope: form.dataset.reset }), stopped);
  }
  if (form.id === "sign-in" || form.dataset.signIn !== undefined) {
    event.preventDefault();
    signIn(form.elements.token);
  }
});

/** An unknown token stays in its field, to be corrected. */
async function signIn(field) {
  const before = token();
  keepToken(field.value.trim());
  try {
    const { role } = await call("GET", "/me");
    if (role !== "none") return location.reload();
    throw new Refused(401, { detail: UNKNOWN });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    keepToken(before);
    if (document.body.dataset.role === "none" && error.status === 401) onState("unknown");
    showError(error.message);
    field.select();
  }
}

/** The page comes without a role, since a page load sends no token; it is fetched again with it. */
async function enter() {
  const forget = document.getElementById("forget");
  forget.hidden = !token();
  forget.addEventListener("click", () => { keepToken(""); location.reload(); });
  if (!token()) return;
  await refresh();
  if (document.body.dataset.role === "none") showError(UNKNOWN);
}

let waiting = 0;
function onNews(kind) {
  if (kind === "change") refresh();
  else if (!waiting) waiting = setTimeout(() => { waiting = 0; refresh(); }, HITS_AT_MOST_EVERY);
}

function onState(state) {
  const lamp = document.getElementById("lamp");
  if (state === "live" && lamp.dataset.state === "lost") refresh();
  lamp.dataset.state = state;
  lamp.querySelector("span").textContent = LAMP[state];
}

offerColours(document.getElementById("theme"));
useSliders();
useText();
await enter();
if (document.body.dataset.role !== "none") follow({ onNews, onState });
else onState(token() ? "unknown" : "closed");
