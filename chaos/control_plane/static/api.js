/** The client of the control plane's API, with the caller's token. */

const KEY = "chaos-token";
const TIMEOUT = 10_000;

/** Ends every request that takes too long. */
export const timeout = () => AbortSignal.timeout(TIMEOUT);

/** The token is kept for this tab alone, and is gone when it is closed. */
export function token() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function keepToken(text) {
  if (text) sessionStorage.setItem(KEY, text);
  else sessionStorage.removeItem(KEY);
}

export function headers(more = {}) {
  return token() ? { ...more, Authorization: `Bearer ${token()}` } : more;
}

/** What the control plane refused, and why. `errors` are the single errors, with their paths. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the control plane answered ${status}`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

/** The address of a path of the API, with the session that the page was opened for, if any. */
export function address(path) {
  const session = new URLSearchParams(location.search).get("session");
  return `/chaos/v1${path}${session ? `${path.includes("?") ? "&" : "?"}session=${encodeURIComponent(session)}` : ""}`;
}

/** The answer's text. Throws Refused. */
export async function read(path, { method = "GET", type, body } = {}) {
  const response = await fetch(address(path), {
    method,
    headers: headers(type ? { "Content-Type": type } : {}),
    body,
    signal: timeout(),
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
