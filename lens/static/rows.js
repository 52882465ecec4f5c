/** The rows of the waterfall: which are folded away, which is current, which is open. */

const depthOf = (row) => Number(row.getAttribute("aria-level"));

export class Rows {
  constructor(container, traceId) {
    this.container = container;
    this.traceId = traceId;
    this.all = [...container.querySelectorAll(".row")];
    this.current = null;
    const open = container.querySelector(".row.open");
    if (open) this.choose(open, { focus: false });
  }

  get shown() {
    return this.all.filter((row) => !row.hidden);
  }

  byId(spanId) {
    return document.getElementById(`s-${spanId}`);
  }

  spanOf(row) {
    return row.id.slice(2);
  }

  detailsOf(row) {
    return document.getElementById(`d-${this.spanOf(row)}`);
  }

  choose(row, { focus = true } = {}) {
    if (!row) return;
    this.reveal(row);
    this.current?.classList.remove("current");
    this.current = row;
    row.classList.add("current");
    if (!focus) return;
    row.querySelector(".pick").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const shown = this.shown;
    const at = this.current ? shown.indexOf(this.current) : by > 0 ? -1 : shown.length;
    this.choose(shown[Math.min(shown.length - 1, Math.max(0, at + by))]);
  }

  /** The next row that carries this class, from the current one on and around. */
  next(className) {
    const at = this.all.indexOf(this.current);
    const order = [...this.all.slice(at + 1), ...this.all.slice(0, at + 1)];
    const row = order.find((one) => one.classList.contains(className));
    this.choose(row);
    return row;
  }

  fold(row, closed) {
    if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", String(!closed));
    this.settle();
  }

  toggle(row) {
    this.fold(row, row.getAttribute("aria-expanded") === "true");
  }

  foldAll(closed, from = () => true) {
    for (const row of this.all) {
      if (row.hasAttribute("aria-expanded") && from(row)) {
        row.setAttribute("aria-expanded", String(!closed));
      }
    }
    this.settle();
  }

  /** Folds the deepest level that is open, or unfolds the first that is closed. */
  foldLevel(closed) {
    const state = String(closed);
    const levels = this.shown.filter((row) => row.getAttribute("aria-expanded") === state).map(depthOf);
    if (!levels.length) return;
    const level = closed ? Math.max(...levels) : Math.min(...levels);
    this.foldAll(closed, (row) => depthOf(row) === level);
  }

  /** Hides what is below a folded row, details included. */
  settle() {
    let limit = Infinity;
    for (const row of this.all) {
      const depth = depthOf(row);
      if (depth <= limit) limit = row.getAttribute("aria-expanded") === "false" ? depth : Infinity;
      row.hidden = depth > limit;
      const details = row.classList.contains("open") && this.detailsOf(row);
      if (details) details.hidden = row.hidden;
    }
    if (this.current?.hidden) {
      const at = this.all.indexOf(this.current);
      this.choose(this.all.slice(0, at).findLast((row) => !row.hidden), { focus: false });
    }
  }

  reveal(row) {
    if (!row.hidden) return;
    let depth = depthOf(row);
    for (let at = this.all.indexOf(row) - 1; at >= 0 && depth > 1; at -= 1) {
      const above = this.all[at];
      if (depthOf(above) < depth) {
        depth = depthOf(above);
        above.setAttribute("aria-expanded", "true");
      }
    }
    this.settle();
  }

  async open(row) {
    if (!row || this.detailsOf(row)) return;
    const spanId = this.spanOf(row);
    const details = document.createElement("div");
    details.className = "details";
    details.id = `d-${spanId}`;
    details.setAttribute("role", "row");
    details.innerHTML = '<div role="gridcell"></div>';
    row.classList.add("open");
    row.after(details);
    const cell = details.firstChild;
    try {
      const answer = await fetch(`/trace/${this.traceId}/span/${spanId}`);
      cell.innerHTML = await answer.text();
    } catch {
      cell.innerHTML = '<p class="note warned">lens does not answer. Close the span and try again.</p>';
    }
  }

  close(row) {
    if (!row) return;
    this.detailsOf(row)?.remove();
    row.classList.remove("open");
  }
}
