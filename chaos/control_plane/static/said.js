/** What is said about what was done, for eyes and for screen readers. */

const STAYS = 5000;
const timers = new Map();

function tell(id, text) {
  const place = document.getElementById(id);
  place.textContent = text;
  place.hidden = !text;
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => { place.hidden = true; }, STAYS));
}

export const say = (text) => { tell("said", text); };

export const refused = (text) => { tell("refused", text); };
