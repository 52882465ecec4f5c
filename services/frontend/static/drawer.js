/**
 * What happened to my click: asks for the story of a trace as it arrives, at growing intervals and
 * for ten seconds at most. The story comes as HTML, drawn by the server.
 */

const PAUSES = [450, 350, 500, 700, 1000, 1400, 1900, 2400];

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".story") : null;
  } catch {
    return null; // The shop may be away for a moment: there is another try.
  }
}

function say(place, sentence) {
  if (place && place.textContent !== sentence) place.textContent = sentence;
}

/** The sentence also stands in the bar of the drawer, and where the page speaks of its failure. */
function announce(story) {
  const sentence = story.querySelector(".sentence")?.textContent ?? "";
  if (!sentence) return;
  say(document.querySelector("[data-says]"), sentence);
  document.querySelector("[data-lamp]")?.classList.add(story.dataset.tone ?? "away");
  const cause = document.querySelector("[data-cause]");
  if (cause && story.dataset.tone === "bad") {
    say(cause, sentence);
    cause.hidden = false;
  }
}

async function explain(section, first) {
  const place = section.querySelector("[data-place]");
  let story = null;
  for (const ms of PAUSES) {
    await pause(ms);
    story = (await ask(section.dataset.story)) ?? story;
    if (!story) continue;
    place.replaceChildren(story);
    if (story.dataset.state === "complete") break;
  }
  if (first && story) announce(story);
  say(story?.querySelector("[data-growing]"), "Not all spans have arrived; the full trace may have the rest.");
}

export function explainClicks() {
  const sections = [...document.querySelectorAll("[data-story]")];
  if (sections.length) say(document.querySelector("[data-says]"), "collecting its steps …");
  sections.forEach((section, index) => explain(section, index === 0));
}
