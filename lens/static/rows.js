/**
 * The rows of the waterfall, by their number from the top: which are folded away, which is current,
 * which are open. Of a long trace only some are in the document, and so all is decided by number.
 */

import { Chunks } from "./chunks.js";

const numbers = (text) => (text ? text.split(",").map(Number) : []);

export class Rows {
  constructor(container, traceId, { onStale }) {
    this.container = container;
    this.traceId = traceId;
    this.clocks = container.closest("#trace").dataset.clocks;
    const there = [...container.querySelectorAll(".row")];
    const { depths, failed } = container.dataset;
    this.depths = depths ? numbers(depths) : there.map((row) => row.ariaLevel - 1);
    this.failed = new Set(
      depths ? numbers(failed) : there.filter((row) => row.classList.contains("failed")).map((row) => this.numberOf(row)),
    );
    this.hits = new Set(there.filter((row) => row.classList.contains("hit")).map((row) => this.numberOf(row)));
    this.closed = new Set();
    this.hidden = new Uint8Array(this.depths.length);
    this.current = null;
    this.chunks = new Chunks(container, (first, count) => (
      `/trace/${traceId}/rows?first=${first}&count=${count}&of=${this.depths.length}&clocks=${this.clocks}`
    ), {
      isHidden: (number) => this.hidden[number],
      onLoad: (node) => this.dress(node),
      onStale,
      keeps: (node) => node.querySelector(".open, .current"),
    });
    this.chunks.settle();
    const open = container.querySelector(".row.open");
    if (open) this.mark(this.numberOf(open));
  }

  numberOf(row) {
    return Number(row.dataset.row);
  }

  /** The row with this number, if it is in the document. */
  row(number) {
    return this.container.querySelector(`.row[data-row="${number}"]`);
  }

  spanOf(row) {
    return row.id.slice(2);
  }

  detailsOf(row) {
    return document.getElementById(`d-${this.numberOf(row)}`);
  }

  hasChildren(number) {
    return this.depths[number + 1] > this.depths[number];
  }

  /** The row, after it was loaded and unfolded if need be; null when it cannot be had. */
  async reach(number) {
    if (number === null || number === undefined || number >= this.depths.length) return null;
    this.reveal(number);
    await this.chunks.fill(this.chunks.of(number));
    return this.row(number);
  }

  mark(number) {
    this.container.querySelector(".row.current")?.classList.remove("current");
    this.current = number;
    this.row(number)?.classList.add("current");
  }

  async choose(number, { focus = true, block = "nearest" } = {}) {
    this.mark(number);
    const row = await this.reach(number);
    if (!row || this.current !== number) return row;
    row.classList.add("current");
    if (focus) {
      row.querySelector(".pick").focus({ preventScroll: true });
      row.scrollIntoView({ block });
    }
    return row;
  }

  step(by) {
    const end = by > 0 ? this.depths.length : -1;
    let at = this.current === null ? (by > 0 ? -1 : this.depths.length) : this.current;
    do at += by; while (at !== end && this.hidden[at]);
    if (at !== end) this.choose(at);
  }

  /** The next of these numbers, from the current row on and around. */
  next(wanted) {
    const inOrder = [...wanted].sort((one, other) => one - other);
    const found = inOrder.find((number) => number > (this.current ?? -1)) ?? inOrder[0];
    if (found !== undefined) this.choose(found);
  }

  showHits(hits) {
    this.hits = new Set(hits);
    this.dress(this.container);
  }

  /** Gives rows that came from the server what was decided about them here. */
  dress(node) {
    for (const row of node.querySelectorAll(".row")) {
      const number = this.numberOf(row);
      row.hidden = Boolean(this.hidden[number]);
      row.classList.toggle("hit", this.hits.has(number));
      row.classList.toggle("current", number === this.current);
      if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", String(!this.closed.has(number)));
      const details = row.classList.contains("open") && this.detailsOf(row);
      if (details) details.hidden = row.hidden;
    }
  }

  fold(number, closed) {
    if (closed) this.closed.add(number);
    else this.closed.delete(number);
    this.settle();
  }

  toggle(number) {
    this.fold(number, !this.closed.has(number));
  }

  foldAll(closed, from = () => true) {
    for (let at = 0; at < this.depths.length; at += 1) {
      if (!this.hasChildren(at) || !from(at)) continue;
      if (closed) this.closed.add(at);
      else this.closed.delete(at);
    }
    this.settle();
  }

  /** Folds the deepest level that is open, or unfolds the first that is closed. */
  foldLevel(closed) {
    let level = null;
    for (let at = 0; at < this.depths.length; at += 1) {
      if (this.hidden[at] || !this.hasChildren(at) || this.closed.has(at) === closed) continue;
      const depth = this.depths[at];
      if (level === null || (closed ? depth > level : depth < level)) level = depth;
    }
    if (level !== null) this.foldAll(closed, (at) => this.depths[at] === level);
  }

  /** Hides what is below a folded row, details included. */
  settle() {
    let limit = Infinity;
    for (let at = 0; at < this.depths.length; at += 1) {
      const depth = this.depths[at];
      if (depth <= limit) limit = this.closed.has(at) ? depth : Infinity;
      this.hidden[at] = depth > limit ? 1 : 0;
    }
    this.dress(this.container);
    this.chunks.settle();
    if (this.current !== null && this.hidden[this.current]) {
      let above = this.current;
      while (this.hidden[above]) above -= 1;
      this.mark(above);
    }
  }

  reveal(number) {
    if (!this.hidden[number]) return;
    let depth = this.depths[number];
    for (let at = number - 1; at >= 0 && depth > 0; at -= 1) {
      if (this.depths[at] >= depth) continue;
      depth = this.depths[at];
      this.closed.delete(at);
    }
    this.settle();
  }

  async open(row, { whole = false } = {}) {
    if (!row || (this.detailsOf(row) && !whole)) return;
    let details = this.detailsOf(row);
    if (!details) {
      details = document.createElement("div");
      details.className = "details";
      details.id = `d-${this.numberOf(row)}`;
      details.setAttribute("role", "row");
      details.innerHTML = '<div role="gridcell"></div>';
      row.classList.add("open");
      row.after(details);
    }
    const cell = details.firstElementChild;
    try {
      const answer = await fetch(`/trace/${this.traceId}/span/${this.spanOf(row)}${whole ? "?show=all" : ""}`);
      cell.innerHTML = await answer.text();
    } catch {
      cell.innerHTML = '<p class="note warned">lens does not answer. Close the span and try again.</p>';
    }
    this.show(row, details);
  }

  /** Moves opened details into the window, or the row to its top where they are longer than it. */
  show(row, details) {
    const tall = details.offsetHeight + 2 * row.offsetHeight > innerHeight;
    if (tall) row.scrollIntoView({ block: "start" });
    else details.scrollIntoView({ block: "nearest" });
  }

  close(row) {
    if (!row) return;
    this.detailsOf(row)?.remove();
    row.classList.remove("open");
  }
}
