// A classic script in the head, so that the chosen colours are there before the first paint.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("lens-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the system's colours are used.
}
