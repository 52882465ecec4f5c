/**
 * Suggestions for the term that is being typed: keys, and after an operator the values of its key.
 * A combobox as the ARIA patterns have it: the field keeps the focus, arrow keys go through the list.
 */

const PATIENCE_MS = 120;
// A brace belongs to a term where something stands before it, as in /orders/{id}.
const LAST_TAG = /(?:(?:[^\s"{}]|"(?:[^"\\]|\\.)*"?)(?:[^\s"{}]|\{[^\s"{}]*\}?|"(?:[^"\\]|\\.)*"?)*)?$/;
const TAG = /^([^\s"=<>!~]+)(!=|=~|!~|>=|<=|=|>|<|~)(.*)$/;

const quoted = (text) => (/[\s"]/.test(text) || text === "" ? `"${text.replace(/["\\]/g, "\\$&")}"` : text);

export function suggest(field, list, service) {
  let timer = 0;
  let active = -1;
  let requested = "";

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  /** The term that ends where the caret is: where it begins, its key and operator, and what follows. */
  const tag = () => {
    const before = field.value.slice(0, field.selectionStart ?? field.value.length);
    const text = before.match(LAST_TAG)[0];
    const [, key = "", operator = "", value = text] = text.match(TAG) ?? [];
    return { start: before.length - text.length, end: before.length, key, operator, value: value.replace(/^"/, "") };
  };

  const point = (to) => {
    active = to;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === to)));
    const option = list.children[to];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  };

  const close = () => {
    clearTimeout(timer);
    requested = "";
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    point(-1);
  };

  const show = (texts) => {
    const shown = [...list.children].map((option) => option.textContent);
    if (!list.hidden && shown.join("\n") === texts.join("\n")) return;
    list.replaceChildren(...texts.map((text, at) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = text;
      return option;
    }));
    list.hidden = texts.length === 0;
    field.setAttribute("aria-expanded", String(texts.length > 0));
    point(-1);
  };

  const request = async () => {
    const { key, operator, value } = tag();
    if (operator.endsWith("~")) {
      close();
      return;
    }
    const address = `/search/suggestions?${new URLSearchParams({ service: service(), key, text: value })}`;
    requested = address;
    const answer = await fetch(address).catch(() => null);
    const texts = answer?.ok ? await answer.json() : [];
    if (requested === address && document.activeElement === field) show(texts.filter((text) => text !== value));
  };

  const take = (option) => {
    const { start, end, key, operator } = tag();
    const text = operator ? `${key}${operator}${quoted(option.textContent)} ` : `${option.textContent}=`;
    field.setRangeText(text, start, end, "end");
    close();
    if (!operator) request();
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(request, PATIENCE_MS);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "ArrowDown" && list.hidden) request();
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") point(active === last ? 0 : active + 1);
    else if (event.key === "ArrowUp") point(active <= 0 ? last : active - 1);
    else if (event.key === "Enter" && active >= 0) take(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus, which would close the list.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}
