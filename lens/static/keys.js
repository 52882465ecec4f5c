/** Keyboard: the same keys as in Jaeger where there are such. `actions` maps a key to what it does. */

const typing = (target) => target.closest("input, select, textarea, dialog[open]");

export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "b") {
      event.preventDefault();
      actions["/"]();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(target) && key !== "Escape") return;
    // Enter on a link or button other than a row's own does what it always does.
    if (key === "Enter" && target.closest("a, button, summary") && !target.closest(".pick")) return;
    const act = Object.hasOwn(actions, key) ? actions[key] : null;
    if (act && act(target) !== false) event.preventDefault();
  });
}
