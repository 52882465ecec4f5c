/**
 * The rows of a long trace in chunks of which only those near the window are in the document. All
 * rows are as high as one another, so a chunk that is not there is as high as its rows would be.
 */

const SIZE = 100;
const AHEAD = "1200px";
const MOST = 24;

export class Chunks {
  /** `address` gives rows by `first` and `count`; `onLoad` is told of each chunk that was filled. */
  constructor(container, address, { isHidden, onLoad, onStale, keeps }) {
    Object.assign(this, { container, address, isHidden, onLoad, onStale, keeps });
    this.all = [...container.querySelectorAll(".chunk")].flatMap((node) => this.split(node));
    this.observer = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: AHEAD });
    if (this.all.some((chunk) => !chunk.filled)) this.all.forEach((c) => this.observer.observe(c.node));
  }

  /** A gap becomes chunks of its own; what is filled stays as it is. */
  split(node) {
    const first = Number(node.dataset.first);
    const count = Number(node.dataset.count);
    if (!node.querySelector(".gap")) return [{ first, count, node, filled: true, near: true }];
    const pieces = [];
    for (let at = first; at < first + count; at += SIZE) {
      const piece = document.createElement("div");
      piece.className = "chunk";
      pieces.push({ first: at, count: Math.min(SIZE, first + count - at), node: piece, filled: false, near: false });
    }
    node.replaceWith(...pieces.map((piece) => piece.node));
    return pieces;
  }

  of(number) {
    return this.all.find(({ first, count }) => number >= first && number < first + count);
  }

  /** As high as the rows in it that are not folded away. */
  settle() {
    for (const chunk of this.all) {
      let rows = 0;
      for (let at = chunk.first; at < chunk.first + chunk.count; at += 1) if (!this.isHidden(at)) rows += 1;
      chunk.node.hidden = rows === 0;
      if (!chunk.filled) chunk.node.style.height = `calc(var(--row) * ${rows})`;
    }
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const chunk = this.all.find(({ node }) => node === target);
      if (!chunk) continue;
      chunk.near = isIntersecting;
      if (isIntersecting) this.fill(chunk);
    }
    this.tidy();
  }

  /** Resolves when the rows of a chunk are there; several may wait for the same answer. */
  fill(chunk) {
    if (chunk.filled) return Promise.resolve();
    chunk.waiting ??= this.request(chunk).finally(() => { chunk.waiting = null; });
    return chunk.waiting;
  }

  async request(chunk) {
    const answer = await fetch(this.address(chunk.first, chunk.count)).catch(() => null);
    if (answer?.status === 409) this.onStale();
    if (!answer?.ok) return;
    chunk.node.innerHTML = await answer.text();
    chunk.node.style.height = "";
    chunk.filled = true;
    this.onLoad(chunk.node);
  }

  /** Lets chunks far from the window go, so that a long way down the page does not fill the memory. */
  tidy() {
    let filled = this.all.filter((chunk) => chunk.filled).length;
    for (const chunk of this.all) {
      if (filled <= MOST) return;
      if (!chunk.filled || chunk.near || this.keeps(chunk.node)) continue;
      chunk.node.style.height = `${chunk.node.offsetHeight}px`;
      chunk.node.replaceChildren();
      chunk.filled = false;
      filled -= 1;
    }
  }
}
