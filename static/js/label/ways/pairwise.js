// Pairs: one key, one graded answer; 0 says that both are bad. A task may ask for further criteria, each in the place of
// the scale before it, and for what is unsafe.
const ECHO_MS = 260;
const UNSAFE = { q: 0, w: 1 };

export default class Pairwise {
  // `send(said)` answers the item on the bench.
  constructor({ form, bench, send, changed }) {
    Object.assign(this, { form, bench, send, changed });
    this.scales = [...form.querySelectorAll(".scale")]; // the overall one, then the criteria
    this.scale = this.scales[0];
    this.cells = Number(form.elements.scale.value);
    this.criteria = [...form.querySelectorAll(".criterion")];
    this.names = this.criteria.map((criterion) => criterion.dataset.name);
    this.required = Boolean(form.querySelector(".criteria")?.dataset.required);
    this.line = [...form.querySelectorAll(".criteria-line [data-at]")];
    this.unsafe = [...form.querySelectorAll(".unsafe input")];
    this.question = form.querySelector("#question");
    this.asked = this.question.textContent;
    // A pointer answers at once. Arrow keys only move along the cells (their clicks have no detail); Enter answers.
    form.addEventListener("click", (event) => {
      if (event.target.matches(".scale input") && event.detail > 0) this.digit(Number(event.target.value));
      const at = event.target.closest("[data-at]")?.dataset.at;
      if (at) this.go(Number(at));
    });
    for (const box of this.unsafe) box.addEventListener("change", () => this.changed());
  }

  open(pair) {
    const kept = (pair?.change ? pair.given : this.names.length ? pair?.draft : null) ?? {};
    this.grades = [kept.grade ?? null, ...this.names.map((name) => kept.criteria?.[name] ?? null)];
    this.unsafe.forEach((box, place) => { box.checked = ((pair?.change ? pair.given : pair?.draft)?.safety ?? [])[place] ?? false; });
    this.still(pair?.change || this.names.length ? this.grades[0] : null);
    this.go(pair?.change ? 0 : this.next(0));
  }

  digit(number) {
    if (number === 0) this.send({ outcome: "both_bad" });
    else if (this.cell(number)) this.grade(number);
    return true;
  }

  key(event) {
    const place = UNSAFE[event.key.toLowerCase()];
    if (place !== undefined && this.unsafe.length) {
      this.unsafe[place].checked = !this.unsafe[place].checked;
      this.changed();
      return true;
    }
    if (!this.names.length || event.target.closest("button, a, summary")) return false;
    if (event.key === "Enter") this.pass();
    else if (event.key === "Backspace") this.go(Math.max(0, this.at - 1));
    else return false;
    return true;
  }

  // The cell of what is asked now; with nothing further asked, the answer.
  grade(number) {
    this.grades[this.at] = number;
    if (!this.names.length) {
      this.submit();
      return;
    }
    this.choose(number, this.scales[this.at]);
    this.changed();
    this.onward();
  }

  // Enter: the cell that arrow keys reached, or nothing where nothing must be said.
  pass() {
    const chosen = this.scales[this.at].querySelector(":checked");
    if (chosen) this.grade(Number(chosen.value));
    else if (this.at > 0 && !this.required) this.onward();
    else this.say(`${this.words_at(this.at)} has no answer yet.`);
  }

  onward() {
    if (this.at < this.names.length) this.go(this.at + 1);
    else this.submit();
  }

  submit() {
    if (!this.names.length && this.grades[0] === null) this.grades[0] = this.checked();
    const place = this.next(0, this.required ? this.grades.length : 1);
    if (this.grades[place] === null) {
      if (!this.names.length) return;
      this.go(place);
      this.say(`${this.words_at(place)} has no answer yet.`);
      return;
    }
    this.send({ outcome: "answer", grade: this.grades[0], scale: this.cells, ...this.further() });
  }

  further() {
    const graded = this.names.map((name, place) => [name, this.grades[place + 1]]).filter(([, grade]) => grade !== null);
    return {
      ...(this.names.length ? { criteria: Object.fromEntries(graded) } : {}),
      ...(this.unsafe.length ? { safety: this.unsafe.map((box) => box.checked) } : {}),
    };
  }

  words({ grade }) {
    const cell = this.cell(grade);
    return cell.closest(".cell").dataset.side ? cell.dataset.words.replace(" is ", " ") : "a tie";
  }

  // The chosen cell stays lit for a moment while the next pair is there already.
  echo({ grade = null }) {
    if (this.names.length) return;
    this.choose(grade);
    this.scale.dataset.saving = "";
    clearTimeout(this.echoing);
    this.echoing = setTimeout(() => this.still(), ECHO_MS);
  }

  draft() {
    const grade = this.names.length && this.grades?.[0] ? { grade: this.grades[0] } : {};
    return this.grades ? { ...grade, ...this.further() } : {};
  }

  cell(grade) { return this.scale.querySelector(`[value="${grade}"]`); }
  checked() { const chosen = this.scale.querySelector(":checked"); return chosen ? Number(chosen.value) : null; }
  words_at(place) { return place ? this.names[place - 1] : "The overall answer"; }
  say(words) { this.form.querySelector("[data-say]").textContent = words; }

  // The first of those asked that has no answer; the first where all have.
  next(from, upto = this.grades.length) {
    for (let place = from; place < upto; place += 1) if (this.grades[place] === null) return place;
    return from;
  }

  // Asks the overall question (0) or a criterion (from 1), in the same place.
  go(place) {
    this.at = place;
    if (!this.names.length) return;
    this.scale.toggleAttribute("data-hidden", place !== 0);
    this.criteria.forEach((criterion, at) => criterion.toggleAttribute("data-hidden", at + 1 !== place));
    this.scales.forEach((scale, at) => this.choose(this.grades[at], scale));
    this.question.textContent = place ? this.criteria[place - 1].querySelector(".fine").textContent : this.asked;
    this.line.forEach((button, at) => {
      if (at === place) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      const grade = this.grades[at];
      button.querySelector("[data-word]").textContent = grade === null ? "" : this.cell(grade).dataset.words.replace(" is ", " ");
    });
    this.say(this.question.textContent);
  }

  choose(grade, scale = this.scale) {
    for (const input of scale.querySelectorAll("input")) input.checked = Number(input.value) === grade;
  }

  still(grade = null) {
    clearTimeout(this.echoing);
    delete this.scale.dataset.saving;
    this.choose(grade);
  }
}
