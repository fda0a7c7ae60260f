// Writing an answer, or making one better: counts words, shows what an edit changes, keeps every letter as a draft.
import { changes, countWords } from "../words.js";

const PAUSE_MS = 120;
const ELEMENTS = { out: "del", in: "ins", same: "span" };

const words = (count) => `${count.toLocaleString("en")} ${count === 1 ? "word" : "words"}`;

export default class Writing {
  constructor({ form, bench, send, changed }) {
    Object.assign(this, { form, bench, send, changed });
    this.count = form.querySelector("[data-count]");
    this.changedWords = form.querySelector("[data-changed]");
    this.says = form.querySelector("[data-say]");
    bench.addEventListener("input", (event) => {
      if (event.target !== this.area) return;
      this.say("");
      this.draw();
      this.changed();
    });
    bench.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target !== this.area) return;
      event.stopPropagation(); // back to the keys; a second Escape is the page's
      event.preventDefault();
      this.area.blur();
    });
  }

  open(item) {
    this.area = this.bench.querySelector("textarea[name=text]");
    this.shows = this.bench.querySelector(".edit-changes");
    this.say("");
    if (!this.area) return;
    const kept = item?.change ? item.given?.text : item?.draft?.text;
    this.before = this.shows ? this.area.defaultValue : "";
    this.area.value = typeof kept === "string" ? kept : this.area.defaultValue;
    this.draw();
    this.area.focus({ preventScroll: true });
  }

  digit() { return false; }

  key({ key }) {
    if (key.toLowerCase() !== "w" || !this.area) return false;
    this.area.focus();
    return true;
  }

  submit() {
    const text = this.area.value.trim();
    if (!text) return this.miss("Nothing is written yet.");
    if (this.shows && text === this.before.trim()) {
      return this.miss("Nothing was changed. Make it better; if it cannot be, skip it and say so.");
    }
    this.send({ outcome: "answer", text: this.area.value });
  }

  draft() { return this.area && this.area.value !== this.before ? { text: this.area.value } : {}; }
  words({ text }) { return words(countWords(text)); }
  echo() {}

  miss(text) {
    this.say(text);
    this.area.focus();
  }

  say(text) { this.says.textContent = text; }

  draw() {
    this.count.textContent = words(countWords(this.area.value));
    if (!this.shows) return;
    clearTimeout(this.drawing);
    this.drawing = setTimeout(() => this.compare(), PAUSE_MS);
  }

  compare() {
    const parts = changes(this.before, this.area.value);
    const counted = (kind) => parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + countWords(part.text), 0);
    this.shows.hidden = parts.every((part) => part.kind === "same");
    this.changedWords.textContent = this.shows.hidden ? "nothing changed yet" : `${counted("out")} out, ${counted("in")} in`;
    this.shows.querySelector(".changes").replaceChildren(...parts.map(({ kind, text }) => {
      const element = document.createElement(ELEMENTS[kind]);
      element.textContent = text;
      return element;
    }));
  }
}
