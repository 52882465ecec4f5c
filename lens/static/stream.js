/**
 * Changes of traces as they arrive. A hidden page disconnects, because a browser keeps only six
 * connections to one server, and resumes where it was when it is looked at again.
 */
export function follow(seq, { onTrace, onState = () => {} }) {
  let source = null;
  let last = Number(seq);

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/lens/api/stream?after=${last}`);
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("error", () => onState("lost"));
    source.addEventListener("trace", (event) => {
      const trace = JSON.parse(event.data);
      last = Math.max(last, Number(trace.seq));
      onTrace(trace);
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
