/** Find in a trace: the server looks through names, attributes, events and log lines. */

const PATIENCE_MS = 150;

export class Find {
  constructor(form, rows, traceId) {
    Object.assign(this, { form, rows, traceId, timer: 0 });
    this.input = form.elements.uiFind;
    this.count = form.querySelector("output");
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), PATIENCE_MS);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clearTimeout(this.timer);
      await this.look();
      this.rows.next(this.rows.hits);
      this.input.focus();
    });
  }

  async look() {
    const text = this.input.value.trim();
    const hits = text ? await this.request(text) : [];
    if (text !== this.input.value.trim()) return;
    this.rows.showHits(hits);
    this.count.textContent = text ? `${hits.length} ${hits.length === 1 ? "span" : "spans"}` : "";
    const address = new URL(location.href);
    if (text) address.searchParams.set("uiFind", text);
    else address.searchParams.delete("uiFind");
    history.replaceState(null, "", address);
  }

  /** The numbers of the rows that have this text. */
  async request(text) {
    const answer = await fetch(`/trace/${this.traceId}/find?uiFind=${encodeURIComponent(text)}&clocks=${this.rows.clocks}`);
    return answer.ok ? answer.json() : [];
  }

  clear() {
    if (!this.input.value) return;
    this.input.value = "";
    this.look();
  }
}
