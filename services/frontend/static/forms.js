/** Forms: sent once, and filled in at a click where that is offered. */

function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelector("button:not([type=button])")?.setAttribute("aria-busy", "true");
}

/** A page that comes back from the browser's memory may be sent again. */
function forget() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
}

function fill(event) {
  event.preventDefault();
  const fields = event.target.closest("form").querySelectorAll("[data-demo]");
  for (const field of fields) field.value = field.dataset.demo;
  event.target.closest("form").querySelector("button.main").focus();
}

export function easeForms() {
  document.addEventListener("submit", sendOnce);
  addEventListener("pageshow", forget);
  document.querySelector("[data-fill]")?.addEventListener("click", fill);
  document.querySelector("[aria-invalid=true]")?.focus();
}
