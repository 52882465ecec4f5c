/**
 * The event stream of the control plane. Not by EventSource, which cannot send a token. A hidden
 * page disconnects, because a browser keeps only six connections to one server.
 */

import { address, headers } from "./api.js";

const PAUSE = 1000;
/** The control plane sends a heartbeat every ten seconds. */
const SILENCE = 25_000;

export function follow({ onNews, onState }) {
  let connection = null;

  async function listen(signal) {
    const silence = new AbortController();
    let silent = 0;
    const reset = () => {
      clearTimeout(silent);
      silent = setTimeout(() => silence.abort(), SILENCE);
    };
    reset();
    await receive(AbortSignal.any([signal, silence.signal]), reset).finally(() => clearTimeout(silent));
  }

  async function receive(signal, reset) {
    const response = await fetch(address("/events"), { headers: headers(), signal });
    if (!response.ok) return onState(response.status < 500 ? "closed" : "lost");
    onState("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return onState("lost");
      reset();
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) dispatch(event);
    }
  }

  function dispatch(event) {
    const lines = event.split(/\r?\n/);
    const of = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim()).join("\n");
    if (of("event")) onNews(of("event"), of("data") ? JSON.parse(of("data")) : null);
  }

  async function stay(signal) {
    while (!signal.aborted) {
      await listen(signal).catch(() => signal.aborted || onState("lost"));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  const open = () => {
    if (connection || document.hidden) return;
    connection = new AbortController();
    stay(connection.signal);
  };
  const close = () => {
    connection?.abort();
    connection = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
