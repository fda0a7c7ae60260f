// Pairs: one key, one graded answer; 0 says that both are bad.
const ECHO_MS = 260;

export default class Pairwise {
  // `send(said)` answers the item on the bench.
  constructor({ form, send }) {
    Object.assign(this, { form, send });
    this.scale = form.querySelector(".scale");
    this.cells = Number(form.elements.scale.value);
    // A pointer answers at once. Arrow keys only move along the cells (their clicks have no detail); Enter answers.
    this.scale.addEventListener("click", (event) => {
      if (event.target.matches("input") && event.detail > 0) this.digit(Number(event.target.value));
    });
  }

  open(pair) { this.still(pair?.change ? pair.given?.grade : null); }

  digit(number) {
    if (number === 0) this.send({ outcome: "both_bad" });
    else if (this.cell(number)) this.send({ outcome: "answer", grade: number, scale: this.cells });
    return true;
  }

  submit() {
    const chosen = this.scale.querySelector(":checked");
    if (chosen) this.digit(Number(chosen.value));
  }

  words({ grade }) {
    const cell = this.cell(grade);
    return cell.closest(".cell").dataset.side ? cell.dataset.words.replace(" is ", " ") : "a tie";
  }

  // The chosen cell stays lit for a moment while the next pair is there already.
  echo({ grade = null }) {
    this.choose(grade);
    this.scale.dataset.saving = "";
    clearTimeout(this.echoing);
    this.echoing = setTimeout(() => this.still(), ECHO_MS);
  }

  draft() { return {}; }

  cell(grade) { return this.scale.querySelector(`[value="${grade}"]`); }

  choose(grade) {
    for (const input of this.scale.querySelectorAll("input")) input.checked = Number(input.value) === grade;
  }

  still(grade = null) {
    clearTimeout(this.echoing);
    delete this.scale.dataset.saving;
    this.choose(grade);
  }
}
