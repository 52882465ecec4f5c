/** The banner counts down, and goes when the time is over. */

function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function countDown() {
  const banner = document.querySelector("[data-banner]");
  const place = banner?.querySelector("[data-left]");
  if (!place) return;
  const end = performance.now() + Number(place.dataset.left) * 1000;
  const timer = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    place.textContent = clock(Math.max(left, 0));
    if (left > 0) return;
    clearInterval(timer);
    banner.hidden = true;
  }, 1000);
}
