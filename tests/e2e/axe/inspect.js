/** Makes a page small enough to be inspected quickly, and puts it back as it was. */

const MOST_ALIKE = 2;
const OPTIONS = { resultTypes: ["violations"], preload: false, iframes: false };
const VARYING = /\s(?:id|href|title|value|d|x|y|cx|cy|r|width|height|aria-label|aria-rowindex|data-[a-z-]+)="[^"]*"/g;
const FIELDS = new Set(["INPUT", "SELECT", "TEXTAREA"]);

/** What is left of these after the first few of each kind. */
function beyondTheFirst(nodes, kindOf) {
  const seen = new Map();
  return nodes.filter((node) => {
    const kind = kindOf(node);
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return seen.get(kind) > MOST_ALIKE;
  });
}

/** The markup of an element without what differs from one row of a list to the next. */
const markup = (node) => node.outerHTML.replace(/>[^<]+</g, "><").replace(VARYING, "");

const hasText = (node) => [...node.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.data.trim());

/** A number for a text, so that very many can be remembered. */
function digest(text) {
  let number = 7;
  for (let at = 0; at < text.length; at += 1) number = (Math.imul(number, 31) + text.charCodeAt(at)) | 0;
  return number;
}

/** All that decides how well a text can be read: its colours and letters, and the grounds below it. */
function look(node) {
  const parts = [];
  for (let at = node; at; at = at.parentElement) {
    const { color, fill, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textDecorationLine, position } = getComputedStyle(at);
    parts.push([color, backgroundColor, backgroundImage, opacity]);
    if (at === node) parts.push([node.tagName, fill, fontSize, fontWeight, textDecorationLine]);
    // What lies over other elements may have any of them as its ground.
    if (position === "absolute" || position === "fixed" || at.tagName === "svg") parts.push([location.href, at.getAttribute("class")]);
  }
  return digest(parts.join(" "));
}

window.inspection = {
  away: [],

  /** Takes away what repeats, but not where the focus is. */
  prune() {
    const parents = [...document.body.querySelectorAll("*")].filter((node) => node.childElementCount > MOST_ALIKE);
    for (const parent of parents) {
      if (!parent.isConnected) continue;
      for (const node of beyondTheFirst([...parent.children], markup)) {
        if (node.contains(document.activeElement)) continue;
        const place = document.createComment("");
        node.replaceWith(place);
        this.away.push([place, node]);
      }
    }
  },

  restore() {
    for (const [place, node] of this.away.reverse()) place.replaceWith(node);
    this.away = [];
  },

  /** Which elements are shown: two widths that show the same need one look at the structure. */
  shown: () => [...document.querySelectorAll("*")].map((node) => Number(node.checkVisibility())).join(""),

  run: (rules) => axe.run(document, { ...OPTIONS, runOnly: rules }),

  without: (rules) => axe.run(document, {
    ...OPTIONS, rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])),
  }),

  /** Applies these rules to one text of each look but the `known` ones: axe measures contrast one by one. */
  async texts({ rules, known }) {
    const all = [...document.body.querySelectorAll("*")];
    const fresh = new Map();
    for (const node of all) {
      if (!(hasText(node) || FIELDS.has(node.tagName)) || !node.checkVisibility()) continue;
      const name = look(node);
      if (!known.includes(name) && !fresh.has(name)) fresh.set(name, node);
    }
    const include = [...fresh.values()];
    const found = include.length ? await axe.run({ include }, { ...OPTIONS, runOnly: rules }) : { violations: [] };
    return { violations: found.violations, looks: [...fresh.keys()] };
  },
};
