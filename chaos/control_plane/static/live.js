/**
 * News of the control plane as they come. Not by EventSource, which cannot show a token. A hidden
 * page hangs up, because a browser keeps only six connections to one server.
 */

import { addressed, headers } from "./api.js";

const PAUSE = 1000;
/** The control plane says every ten seconds that it is still there. */
const SILENCE = 25_000;

export function follow({ onNews, onState }) {
  let hangUp = null;

  async function listen(signal) {
    const silence = new AbortController();
    let silent = 0;
    const heard = () => {
      clearTimeout(silent);
      silent = setTimeout(() => silence.abort(), SILENCE);
    };
    heard();
    await hear(AbortSignal.any([signal, silence.signal]), heard).finally(() => clearTimeout(silent));
  }

  async function hear(signal, heard) {
    const response = await fetch(addressed("/events"), { headers: headers(), signal });
    if (!response.ok) return onState(response.status < 500 ? "closed" : "lost");
    onState("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return onState("lost");
      heard();
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) tell(event);
    }
  }

  function tell(event) {
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
    if (hangUp || document.hidden) return;
    hangUp = new AbortController();
    stay(hangUp.signal);
  };
  const close = () => {
    hangUp?.abort();
    hangUp = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
