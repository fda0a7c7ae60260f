// Steps: one key labels the step one is at and moves on; or one click marks the first wrong one.
const WORDS = { 1: "good", 0: "neutral", [-1]: "bad" };
const BY_KEY = { 1: 1, 2: 0, 3: -1 };
const NEXT = ["ArrowDown", "j"];
const BEFORE = ["ArrowUp", "k"];

export default class Steps {
  constructor({ form, bench, send, changed }) {
    Object.assign(this, { form, bench, send, changed });
    const keys = form.querySelector(".step-keys");
    this.first = keys.dataset.mode === "first";
    this.says = keys.querySelector("[data-say]");
    keys.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-mark]")?.dataset.mark;
      if (mark === "none") this.noError();
      else if (mark !== undefined) this.mark(Number(mark));
    });
    // A pointer that marks the first wrong step answers at once; arrow keys among its radios only look.
    bench.addEventListener("click", (event) => {
      if (!this.first && event.target.matches(".step input")) this.mark(Number(event.target.value), this.placeOf(event.target));
      else if (event.target.matches(".step input") && event.detail > 0) this.wrong(this.placeOf(event.target));
    });
    bench.addEventListener("focusin", (event) => {
      if (event.target.matches(".step input")) this.go(this.placeOf(event.target));
    });
  }

  open(item) {
    this.steps = [...this.bench.querySelectorAll(".step")];
    const kept = (item?.change ? item.given : item?.draft) ?? {};
    const labels = Array.isArray(kept.labels) ? kept.labels : [];
    this.labels = this.steps.map((_, place) => labels[place] ?? null);
    const open = this.labels.indexOf(null);
    this.at = open < 0 ? Math.max(0, this.steps.length - 1) : open;
    this.draw();
  }

  digit(number) {
    if (!this.steps.length) return false;
    if (number === 0) this.noError();
    else if (this.first) this.wrong(number - 1);
    else if (number in BY_KEY) this.mark(BY_KEY[number]);
    return true;
  }

  key({ key, target }) {
    if (target.matches(".step input") && key.startsWith("Arrow")) return false;
    if (NEXT.includes(key)) this.go(this.at + 1);
    else if (BEFORE.includes(key)) this.go(this.at - 1);
    else if (key === "Backspace" && !this.first) this.back();
    else return false;
    return true;
  }

  mark(label, place = this.at) {
    this.labels[place] = label;
    this.at = Math.min(place + 1, this.steps.length - 1);
    this.draw();
    this.say(`Step ${place + 1} ${WORDS[label]}${this.missing() === null ? ". Enter sends." : ""}`);
    this.changed();
  }

  back() {
    const last = this.labels[this.at] === null ? Math.max(0, this.at - 1) : this.at;
    this.labels[last] = null;
    this.at = last;
    this.draw();
    this.changed();
  }

  wrong(place) {
    if (place >= this.steps.length) return this.say(`There are ${this.steps.length} steps.`);
    this.labels = this.steps.map((_, at) => (at < place ? 1 : at === place ? -1 : null));
    this.draw();
    this.send({ outcome: "answer", first_error: place, labels: this.labels });
  }

  noError() {
    this.labels = this.labels.map((label) => (this.first ? 1 : label ?? 1));
    this.draw();
    if (this.first) this.send({ outcome: "answer", first_error: null, labels: this.labels });
    else this.say("The steps left are good. Enter sends.");
    this.changed();
  }

  // The first step that needs a label: none after a bad one does.
  missing() {
    const bad = this.labels.indexOf(-1);
    const place = this.labels.indexOf(null);
    return place < 0 || (bad >= 0 && bad < place) ? null : place;
  }

  submit() {
    if (this.first) {
      const chosen = this.bench.querySelector(".step input:checked");
      this.wrong(chosen ? this.placeOf(chosen) : this.at);
      return;
    }
    const place = this.missing();
    if (place === null) {
      this.send({ outcome: "answer", labels: this.labels });
      return;
    }
    this.go(place);
    this.say(`Step ${place + 1} has no label yet.`);
  }

  draft() { return { labels: this.labels ?? [] }; }

  words({ labels }) {
    const bad = labels.indexOf(-1);
    if (bad >= 0 && !labels.includes(0)) return `step ${bad + 1} is wrong`;
    if (labels.every((label) => label === 1)) return "no error";
    return Object.entries(WORDS).map(([label, word]) => [labels.filter((one) => one === Number(label)).length, word])
      .filter(([count]) => count).map((part) => part.join(" ")).join(", ");
  }

  echo() {}

  go(place) {
    if (!this.steps[place]) return;
    this.at = place;
    this.draw();
    this.steps[place].scrollIntoView({ block: "nearest" });
  }

  placeOf(input) { return Number(input.closest(".step").dataset.step); }
  say(words) { this.says.textContent = words; }

  draw() {
    this.say("");
    this.steps.forEach((step, place) => {
      const label = this.labels[place];
      step.dataset.label = label === null ? "" : WORDS[label];
      if (place === this.at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
      for (const input of step.querySelectorAll("input")) {
        input.checked = this.first ? label === -1 : label !== null && Number(input.value) === label;
      }
    });
    this.steps[this.at]?.scrollIntoView({ block: "nearest" });
  }
}
