/** An order's page follows its order: asks every two seconds, until it has arrived or for two minutes. */

const EVERY = 2000;
const TIMES = 60;

function show(section, order) {
  const says = section.querySelector("[data-says-status]");
  if (says.textContent !== order.says) says.textContent = order.says;
  const steps = section.querySelector("[data-steps]");
  steps.setAttribute("data-step", order.step ?? "");
  steps.hidden = order.cancelled;
  section.querySelector("[data-cancelled]").hidden = !order.cancelled;
  section.querySelector("[data-unknown]").hidden = order.step !== null || order.ended;
  section.querySelector("[data-refresh]").hidden = order.ended;
}

async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // The next question may be answered.
  }
}

export async function watchOrder() {
  const section = document.querySelector("[data-order]");
  if (!section) return;
  for (let time = 0; time < TIMES; time += 1) {
    await new Promise((resolve) => { setTimeout(resolve, EVERY); });
    if (document.hidden) continue;
    const order = await ask(section.dataset.order);
    // A carrier that cannot be reached just now takes nothing back of what is known.
    if (order && (order.step !== null || order.ended)) show(section, order);
    if (order?.ended) return;
  }
}
