/** What every page gets: the choice of colours, copying, and times in the reader's own zone. */

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };
const CALLED = { auto: "as the system has them", light: "light", dark: "dark" };

function offerColours(button) {
  const root = document.documentElement;
  const show = () => {
    const theme = root.dataset.theme ?? "auto";
    button.textContent = SIGNS[theme];
    button.ariaLabel = button.title = `Colours: ${CALLED[theme]}`;
  };
  button.addEventListener("click", () => {
    const theme = NEXT[root.dataset.theme ?? "auto"];
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem("lens-theme", theme);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    show();
  });
  show();
}

async function copy(button) {
  const before = button.textContent;
  try {
    const beside = button.parentElement.querySelector("code, pre");
    await navigator.clipboard.writeText(button.dataset.copy || beside.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

const two = (number) => String(number).padStart(2, "0");

/** `form` is empty for the exact time, `short` without milliseconds, `date`, or `full` for both. */
function written(ms, form) {
  const at = new Date(ms);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const exact = `${time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return { short: time, date, full: `${date} ${exact}` }[form] ?? exact;
}

/** The reader's time zone at that time: `UTC`, `UTC+2`, `UTC-3:30`. */
function zone(ms) {
  const east = -new Date(ms).getTimezoneOffset();
  if (!east) return "UTC";
  const minutes = Math.abs(east) % 60;
  const hours = Math.floor(Math.abs(east) / 60);
  return `UTC${east < 0 ? "-" : "+"}${hours}${minutes ? `:${two(minutes)}` : ""}`;
}

/** The server writes times in its zone; here they become the reader's. */
export function localise(within = document) {
  for (const place of within.querySelectorAll("[data-ms]")) {
    place.textContent = written(Number(place.dataset.ms), place.dataset.form);
  }
  for (const place of within.querySelectorAll("[data-zone]")) {
    place.textContent = zone(Number(place.dataset.zone));
  }
  age(within);
}

export function ago(ms, now = Date.now()) {
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < -2) return "in the future";
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function age(within = document) {
  for (const place of within.querySelectorAll("[data-ago]")) {
    const text = ago(Number(place.dataset.ago));
    if (place.textContent !== text) place.textContent = text;
  }
}

// search.js and trace.js import this module too; it runs once however often it is imported.
offerColours(document.getElementById("theme"));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
localise();
setInterval(() => age(), 5000);
