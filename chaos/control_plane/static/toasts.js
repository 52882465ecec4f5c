/** Messages about what was done, for eyes and for screen readers. */

const DURATION = 5000;
const timers = new Map();

function show(id, text) {
  const place = document.getElementById(id);
  place.textContent = text;
  place.hidden = !text;
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => { place.hidden = true; }, DURATION));
}

export const announce = (text) => { show("message", text); };

export const showError = (text) => { show("error", text); };
