/** How many things are in the cart, where the page does not know: silent when the shop does not either. */

export async function showCount() {
  const place = document.querySelector("[data-count]");
  if (!place) return;
  try {
    const answer = await fetch("/cart/count", { headers: { accept: "application/json" } });
    const { count } = answer.ok ? await answer.json() : {};
    if (count === null || count === undefined) return;
    place.textContent = count;
    place.setAttribute("aria-label", `${count} ${count === 1 ? "thing" : "things"}`);
    place.hidden = false;
  } catch {
    // The next page may know.
  }
}
