// Rankings: digits name the responses from best to worst, `=` ties, Backspace takes back. The last one follows by
// itself. Chips in the dock show the order; they are dragged, or moved with the arrow keys.
import { Drag } from "./drag.js";
import { Order } from "./order.js";

const LETTERS = "ABCDEFGHI";
const WORDS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
const SHORT = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th"];

export default class Ranking {
  constructor({ form, bench, send, changed }) {
    Object.assign(this, { form, bench, send, changed });
    const part = (id) => form.querySelector(`#${id}`);
    Object.assign(this, { box: part("ranking"), chips: part("order"), rest: part("order-rest"), heard: part("order-heard") });
    this.ties = "ties" in this.box.dataset;
    this.order = new Order(0, this.ties);
    bench.addEventListener("click", (event) => {
      const button = event.target.closest("[data-rank]");
      if (button) this.digit(Number(button.dataset.rank));
    });
    this.box.addEventListener("click", (event) => {
      const name = event.target.closest("[data-order]")?.dataset.order;
      if (!name) return;
      event.preventDefault();
      if (name === "tie") this.tie();
      else if (name === "back") this.back();
      else this.digit(0);
    });
    this.chips.addEventListener("click", (event) => {
      const chip = event.target.closest(".chip[data-free]");
      if (chip) this.digit(Number(chip.dataset.chip) + 1);
    });
    new Drag(this.chips, { ties: this.ties, drop: (one, target, how) => this.moved(() => this.order.put(one, target, how), one) });
  }

  open(item) {
    this.order = new Order(this.bench.querySelectorAll("[data-rank]").length, this.ties);
    if (item?.change && item.given?.ranks) this.order.read(item.given.ranks);
    else if (item?.draft?.order) this.order.restore(item.draft.order);
    this.box.toggleAttribute("data-none", Boolean(item?.change && item.given?.unrankable));
    this.heard.textContent = "";
    this.draw();
  }

  digit(number) {
    if (!this.order.count) return false;
    if (number === 0) this.send({ outcome: "answer", unrankable: true });
    else if (number <= this.order.count) this.moved(() => this.order.pick(number - 1), number - 1);
    return true;
  }

  key(event) {
    if (event.key === "=" && this.ties) { this.tie(); return true; }
    if (event.key === "Backspace") { this.back(); return true; }
    const chip = event.target.closest(".chip:not([data-free])");
    if (chip && event.key === "Enter") { this.submit(); return true; }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.order.count) return false;
    if (chip) {
      const one = Number(chip.dataset.chip);
      this.moved(() => this.order.step(one, step), one);
      this.chips.querySelector(`[data-chip="${one}"]`).focus();
    } else this.look(step);
    return true;
  }

  // Focus the response before or after, and bring it into view.
  look(step) {
    const buttons = [...this.bench.querySelectorAll("[data-rank]")];
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[at < 0 ? 0 : (at + step + buttons.length) % buttons.length];
    next.focus({ preventScroll: true });
    next.closest(".side").scrollIntoView({ block: "nearest" });
  }

  submit() {
    if (this.order.complete) this.send({ outcome: "answer", ranks: this.order.ranks });
    else this.heard.textContent = this.rest.textContent = `Not sent: ${this.missing()}.`;
  }

  tie() { this.moved(() => this.order.tie(), this.order.last); }
  back() { this.moved(() => this.order.back(), this.order.last); }

  moved(change, one) {
    change();
    this.box.removeAttribute("data-none");
    this.draw();
    this.heard.textContent = this.spoken(one);
    this.changed();
  }

  draft() { return { order: this.order.groups }; }
  words({ ranks }) { return ranks ? Order.of(ranks).groups.map((group) => group.map((one) => LETTERS[one]).join(" and ")).join(", then ") : "none can be ranked"; }
  echo() {}

  missing() {
    const free = this.order.free.map((one) => LETTERS[one]);
    return free.length ? `${free.join(", ")} ${free.length === 1 ? "has" : "have"} no place yet` : "";
  }

  spoken(one) {
    const { order } = this;
    const said = one === undefined ? "" : this.placeOf(one) ? `${LETTERS[one]} ${WORDS[order.ranks[one] - 1]}${this.tied(one)}.` : `${LETTERS[one]} has no place.`;
    if (order.joining) return `${said} The next one ties with ${LETTERS[order.last]}.`;
    return `${said} ${order.complete ? "All have a place, Enter sends." : `${order.free.length} left.`}`;
  }

  tied(one) {
    const others = this.order.groups.find((group) => group.includes(one)).filter((other) => other !== one);
    return others.length ? `, tied with ${others.map((other) => LETTERS[other]).join(", ")}` : "";
  }

  placeOf(one) { return this.order.groups.some((group) => group.includes(one)); }

  draw() {
    const { order } = this;
    for (const button of this.bench.querySelectorAll("[data-rank]")) {
      const one = Number(button.dataset.rank) - 1;
      const placed = this.placeOf(one);
      button.setAttribute("aria-pressed", String(placed));
      button.querySelector("[data-words]").textContent = placed ? SHORT[order.ranks[one] - 1] : order.joining ? "Ties" : "Next";
    }
    const focused = document.activeElement?.closest?.("[data-chip]")?.dataset.chip;
    this.chips.replaceChildren(...order.groups.map((group, place) => this.group(group, place)), ...this.free());
    if (focused) this.chips.querySelector(`[data-chip="${focused}"]`)?.focus();
    this.rest.textContent = order.count ? (order.complete ? "Enter sends. Drag a chip, or press its key again, to change." : "Press the keys of the responses, best first.") : "";
    this.box.querySelector('[data-order="tie"]')?.setAttribute("aria-pressed", String(order.joining));
  }

  group(group, place) {
    const item = document.createElement("li");
    item.append(...group.map((one) => this.chip(one, `${LETTERS[one]}, ${WORDS[this.order.ranks[one] - 1]}${this.tied(one)}`)));
    item.dataset.place = SHORT[this.order.ranks[group[0]] - 1];
    if (place === this.order.groups.length - 1 && this.order.joining) item.dataset.joining = "";
    return item;
  }

  free() {
    return this.order.free.map((one) => {
      const item = document.createElement("li");
      const chip = this.chip(one, `${LETTERS[one]}, no place yet`);
      chip.dataset.free = item.dataset.free = "";
      item.append(chip);
      return item;
    });
  }

  chip(one, label) {
    const chip = document.createElement("button");
    Object.assign(chip, { type: "button", className: "chip", textContent: LETTERS[one] });
    chip.dataset.chip = one;
    chip.setAttribute("aria-label", label);
    return chip;
  }
}
