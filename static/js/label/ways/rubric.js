// Rubrics: two gauges an item, score and confidence. A digit sets one and goes on to the next; arrows make it finer.
const STEPS = [0, 0.25, 0.5, 0.75, 1];
const FINE = 0.05;

const rounded = (value) => Math.min(1, Math.max(0, Math.round(value * 100) / 100));

export default class Rubric {
  constructor({ form, bench, send, changed }) {
    Object.assign(this, { form, bench, send, changed });
    this.status = form.querySelector("#rubric-status");
    this.gauges = [];
    bench.addEventListener("click", (event) => this.clicked(event));
    bench.addEventListener("keydown", (event) => this.wrote(event));
    bench.addEventListener("input", (event) => event.target.matches("textarea") && this.changed());
    bench.addEventListener("focusin", (event) => {
      const gauge = event.target.closest("[data-part]");
      if (gauge) this.current = gauge;
    });
  }

  open(item) {
    this.gauges = item ? [...this.bench.querySelectorAll("[data-part]")] : [];
    this.current = null;
    const sheets = (item?.change && item.given?.sheets) || item?.draft?.sheets || [];
    for (const row of this.rows) {
      const told = sheets[row.place]?.[row.item] ?? {};
      for (const gauge of row.gauges) this.put(gauge, told[gauge.dataset.part] ?? null);
      row.why.value = told.reason ?? "";
      this.opened(row, Boolean(row.why.value));
    }
    this.say();
  }

  get rows() {
    if (!this.gauges.length) return [];
    return [...this.bench.querySelectorAll("[data-sheet] [data-item]")].map((node) => ({
      node,
      item: node.dataset.item,
      place: Number(node.closest("[data-sheet]").dataset.sheet),
      gauges: [...node.querySelectorAll("[data-part]")],
      why: node.querySelector("textarea"),
    }));
  }

  get unset() { return this.gauges.filter((gauge) => !("value" in gauge.dataset)); }

  digit(number) {
    if (number < 1 || number > STEPS.length) return false;
    const gauge = this.current?.isConnected ? this.current : this.unset[0] ?? this.gauges[0];
    if (!gauge) return false;
    this.set(gauge, STEPS[number - 1]);
    this.go(gauge, 1);
    return true;
  }

  key(event) {
    const gauge = this.current?.isConnected ? this.current : null;
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (move) {
      if (gauge) this.go(gauge, move);
      else this.focus(this.unset[0] ?? this.gauges[0]);
      return this.gauges.length > 0;
    }
    if (!gauge || event.target !== gauge) {
      if (event.key.toLowerCase() === "r" && this.gauges.length) { this.why(gauge ?? this.gauges[0]); return true; }
      return false;
    }
    const value = Number(gauge.dataset.value ?? (event.key === "ArrowLeft" ? 1 : 0));
    const next = { ArrowLeft: value - FINE, ArrowRight: value + FINE, Home: 0, End: 1 }[event.key];
    if (next !== undefined) this.set(gauge, rounded(next));
    else if (event.key.toLowerCase() === "r") this.why(gauge);
    else return false;
    return true;
  }

  submit() {
    const left = this.unset;
    if (left.length) {
      this.say(`${left.length} still to set: this one is next.`);
      this.focus(left[0]);
      return;
    }
    if (this.gauges.length) this.send({ outcome: "answer", ...this.draft() });
  }

  draft() {
    const sheets = [];
    for (const { item, place, gauges, why } of this.rows) {
      const told = Object.fromEntries(gauges.filter((gauge) => "value" in gauge.dataset).map((gauge) => [gauge.dataset.part, Number(gauge.dataset.value)]));
      (sheets[place] ??= {})[item] = { ...told, reason: why.value };
    }
    return { sheets };
  }

  words() { return "scored"; }

  echo() {}

  set(gauge, value) {
    this.put(gauge, value);
    this.say();
    this.changed();
  }

  put(gauge, value) {
    if (value === null) delete gauge.dataset.value;
    else gauge.dataset.value = String(value);
    const words = value === null ? "not set" : String(value);
    gauge.setAttribute("aria-valuenow", value ?? 0);
    gauge.setAttribute("aria-valuetext", words);
    gauge.querySelector("output").value = value === null ? "–" : value.toFixed(2);
    for (const cell of gauge.querySelectorAll("[data-value]")) cell.toggleAttribute("data-on", value !== null && Number(cell.dataset.value) <= value);
  }

  go(gauge, by) {
    const next = this.gauges[this.gauges.indexOf(gauge) + by];
    this.focus(next ?? gauge);
  }

  focus(gauge) {
    if (!gauge) return;
    this.current = gauge;
    gauge.focus({ preventScroll: true });
    gauge.closest("[data-item]").scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  why(gauge) {
    const row = this.rows.find(({ node }) => node.contains(gauge));
    this.opened(row, true);
    row.why.focus();
  }

  opened(row, open) { row.why.parentElement.toggleAttribute("data-closed", !open); }

  clicked(event) {
    const cell = event.target.closest(".gauge-cell");
    if (cell) {
      const gauge = cell.closest("[data-part]");
      this.current = gauge;
      this.set(gauge, Number(cell.dataset.value));
    }
    const why = event.target.closest("[data-why]");
    if (why) this.why(why.closest("[data-item]").querySelector("[data-part]"));
  }

  // Escape leaves the reason, and no more: the page's own Escape would leave the answer.
  wrote(event) {
    if (event.key !== "Escape" || !event.target.matches("textarea")) return;
    event.preventDefault();
    event.stopPropagation();
    const row = this.rows.find(({ why }) => why === event.target);
    this.opened(row, Boolean(row.why.value));
    this.focus(this.current?.isConnected && row.node.contains(this.current) ? this.current : row.gauges[0]);
  }

  say(words) {
    const whole = this.gauges.length;
    const set = whole - this.unset.length;
    this.status.textContent = words ?? (set === whole && whole ? "Everything is set: send it." : `${set} of ${whole} set`);
  }
}
