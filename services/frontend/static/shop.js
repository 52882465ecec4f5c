/** Comfort for pages that work without it. Each part finds its own places, if they are there. */

import { countDown } from "./banner.js";
import { showCount } from "./count.js";
import { explainClicks } from "./drawer.js";
import { easeForms } from "./forms.js";
import { watchOrder } from "./order.js";

async function copy(button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = button.dataset.copy;
    return;
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

document.documentElement.classList.add("js");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
countDown();
showCount();
explainClicks();
easeForms();
watchOrder();
