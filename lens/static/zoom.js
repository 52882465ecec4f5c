/** A stretch of time, chosen by dragging across the overview; all bars follow two CSS properties. */

const SMALLEST = 0.002;

/** The two largest units of a minute or more. */
function long(seconds) {
  const days = Math.floor(seconds / 86400);
  const parts = [
    [days, days === 1 ? "day" : "days"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([number]) => number);
  return parts.slice(first, first + 2).filter(([number]) => number).map((part) => part.join(" ")).join(" ");
}

export function written(ns) {
  if (ns === 0) return "0";
  if (ns >= 59.95e9) return long(Math.round(ns / 1e9));
  const [size, unit] = ns < 1e3 ? [1, "ns"] : ns < 999.5e3 ? [1e3, "µs"] : ns < 999.5e6 ? [1e6, "ms"] : [1e9, "s"];
  const value = ns / size;
  const places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${Number(value.toFixed(places))} ${unit}`;
}

export class Zoom {
  constructor(map, rows, ruler, lengthNs) {
    Object.assign(this, { map, rows, ruler, lengthNs, from: 0, to: 1 });
    this.left = map.querySelector("#shade-left");
    this.right = map.querySelector("#shade-right");
    map.addEventListener("pointerdown", (event) => this.drag(event));
    map.addEventListener("dblclick", () => this.clear());
  }

  get zoomed() {
    return this.from > 0 || this.to < 1;
  }

  at(event) {
    const box = this.map.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  }

  drag(down) {
    const start = this.at(down);
    const move = (event) => {
      const here = this.at(event);
      if (Math.abs(here - start) > 0.005) this.set(Math.min(start, here), Math.max(start, here));
    };
    const up = () => {
      this.map.removeEventListener("pointermove", move);
      this.map.removeEventListener("pointerup", up);
    };
    this.map.setPointerCapture(down.pointerId);
    this.map.addEventListener("pointermove", move);
    this.map.addEventListener("pointerup", up);
  }

  set(from, to) {
    const width = Math.min(1, Math.max(SMALLEST, to - from));
    this.from = Math.min(1 - width, Math.max(0, from));
    this.to = this.from + width;
    this.rows.style.setProperty("--zoom", 1 / width);
    this.rows.style.setProperty("--from", this.from);
    this.left.setAttribute("width", 1000 * this.from);
    this.right.setAttribute("x", 1000 * this.to);
    this.right.setAttribute("width", 1000 * (1 - this.to));
    const ticks = [...this.ruler.children];
    ticks.forEach((tick, i) => {
      tick.textContent = written(this.lengthNs * (this.from + (width * i) / (ticks.length - 1)));
    });
  }

  /** Twice as near, or half as near, around the middle of what is seen. */
  scale(by) {
    const width = Math.min(1, (this.to - this.from) * by);
    const middle = (this.from + this.to) / 2;
    this.set(middle - width / 2, middle + width / 2);
  }

  pan(by) {
    const width = this.to - this.from;
    this.set(this.from + by * width, this.from + by * width + width);
  }

  clear() {
    this.set(0, 1);
  }
}
