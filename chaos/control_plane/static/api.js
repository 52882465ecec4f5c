/** The control plane's API, in the name of whoever this is. */

const KEPT = "chaos-token";
const PATIENCE = 10_000;

/** Every wait has an end. */
export const patience = () => AbortSignal.timeout(PATIENCE);

/** The token is kept for this tab alone, and is gone when it is closed. */
export function token() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

export function keepToken(text) {
  if (text) sessionStorage.setItem(KEPT, text);
  else sessionStorage.removeItem(KEPT);
}

export function headers(more = {}) {
  return token() ? { ...more, Authorization: `Bearer ${token()}` } : more;
}

/** What the control plane refused, and why. `errors` are told by their path. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the control plane answered ${status}`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

/** The session that the page was opened for, where no cookie says it. */
export function addressed(path) {
  const session = new URLSearchParams(location.search).get("session");
  return `/chaos/v1${path}${session ? `${path.includes("?") ? "&" : "?"}session=${encodeURIComponent(session)}` : ""}`;
}

/** The answer's text. Throws Refused. */
export async function read(path, { method = "GET", type, body } = {}) {
  const response = await fetch(addressed(path), {
    method,
    headers: headers(type ? { "Content-Type": type } : {}),
    body,
    signal: patience(),
  }).catch(unreachable);
  const text = await response.text().catch(unreachable);
  if (!response.ok) throw new Refused(response.status, problem(text));
  return text;
}

function unreachable() {
  throw new Refused(0, { detail: "The control plane cannot be reached." });
}

function problem(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The JSON of the answer, null when it has none. Throws Refused. */
export async function call(method, path, body) {
  const sent = body === undefined ? {} : { type: "application/json", body: JSON.stringify(body) };
  const text = await read(path, { method, ...sent });
  return text ? JSON.parse(text) : null;
}
