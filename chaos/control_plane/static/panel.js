/** The control room: what the server wrote stays as it is, and is fetched again when it changed. */

import { Refused, call, keepToken, read, token } from "./api.js";
import { refresh } from "./board.js";
import { offerColours } from "./colours.js";
import { useKnobs } from "./knobs.js";
import { follow } from "./live.js";
import { refused, say } from "./said.js";
import { useText } from "./text.js";

const LAMP = {
  live: "Live",
  lost: "Connection lost. Trying again",
  closed: "Not allowed: use a token",
  unknown: "Nobody's token: use another",
};
const NOBODY = "Nobody is known by this token.";
const HITS_AT_MOST_EVERY = 1500;

/** Does it, says so, and shows what became of it. */
async function attempt(button, what, done) {
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await what();
    if (done) say(typeof done === "function" ? done(answer) : done);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused(error.message);
  } finally {
    button?.removeAttribute("aria-busy");
    await refresh();
  }
}

const ACTIONS = {
  extend: (id) => [() => call("POST", `/faults/${id}/extend`, { ttl: "10m" }), `${id} stays for 10 minutes more, 4 hours at most`],
  remove: (id) => [() => call("DELETE", `/faults/${id}`), `${id} is gone`],
  profile: (name) => [() => call("PUT", "/profile", { name }), `The profile is ${name} now`],
  run: (id, data) => [() => call("POST", `/scenarios/${id}/runs`, { scope: data.for }), "It runs: go to the shop and look for what is wrong"],
  runStop: (id) => [() => call("POST", `/runs/${id}/stop`), "The scenario is stopped"],
  reveal: (id) => [() => call("POST", `/runs/${id}/reveal`), "Now everybody may see what it was"],
  report: (id, data) => [() => download(id, data.named), "The report is among your downloads"],
  hint: (id) => [() => call("POST", `/runs/${id}/hint`), "One more hint is shown"],
  fix: (id, data) => [() => call("POST", `/runs/${data.of}/fix`, { fix: id }), "The fix is made: try again in the shop"],
};

/** Fetched by hand, because a link shows no token. */
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
  refresh().then(() => say(link.dataset.scope === "mine" ? "From now on for your clicks only" : "From now on for the whole class"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.reset) {
    event.preventDefault();
    attempt(form.querySelector("button"), () => call("POST", "/reset", { scope: form.dataset.reset }), ({ removed }) => `Stopped. ${removed.length ? `${removed.length} removed; n` : "N"}othing fails on purpose any more`);
  }
  if (form.id === "door" || form.dataset.door !== undefined) {
    event.preventDefault();
    comeIn(form.elements.token);
  }
});

/** A token of nobody stays where it was written, to be mended. */
async function comeIn(field) {
  const before = token();
  keepToken(field.value.trim());
  try {
    const { role } = await call("GET", "/me");
    if (role !== "none") return location.reload();
    throw new Refused(401, { detail: NOBODY });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    keepToken(before);
    if (document.body.dataset.role === "none" && error.status === 401) onState("unknown");
    refused(error.message);
    field.select();
  }
}

/** A page that was written for nobody in particular becomes that of who has the token. */
async function enter() {
  const forget = document.getElementById("forget");
  forget.hidden = !token();
  forget.addEventListener("click", () => { keepToken(""); location.reload(); });
  if (!token()) return;
  await refresh();
  if (document.body.dataset.role === "none") refused(NOBODY);
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
useKnobs();
useText();
await enter();
if (document.body.dataset.role !== "none") follow({ onNews, onState });
else onState(token() ? "unknown" : "closed");
