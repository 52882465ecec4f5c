/** The button that chooses light, dark, or whatever the system has. */

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };
const CALLED = { auto: "as the system", light: "light", dark: "dark" };

export function offerColours(button) {
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
      localStorage.setItem("control-room-theme", theme);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    show();
  });
  show();
}
