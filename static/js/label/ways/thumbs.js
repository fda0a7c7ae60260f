// Thumbs: one key is one answer; reasons are chosen before it, if at all.
const UP = 1;
const DOWN = 2;

export default class Thumbs {
  constructor({ form, send, changed }) {
    Object.assign(this, { form, send, changed });
    this.cells = form.querySelector(".steps");
    this.reasons = [...form.querySelectorAll("[name=reasons]")];
    // A pointer answers at once. Arrow keys only move (their clicks have no detail); Enter answers.
    this.cells.addEventListener("click", (event) => {
      if (event.target.matches("input") && event.detail > 0) this.digit(Number(event.target.dataset.key));
    });
    for (const reason of this.reasons) reason.addEventListener("change", () => this.changed());
  }

  open(item) {
    const said = item?.change ? item.given ?? {} : {};
    const reasons = said.reasons ?? item?.draft?.reasons ?? [];
    this.choose("label" in said ? (said.label ? UP : DOWN) : null);
    for (const reason of this.reasons) reason.checked = reasons.includes(reason.value);
  }

  digit(key) {
    if (key === UP || key === DOWN) {
      this.send({ outcome: "answer", label: key === UP, reasons: this.chosen() });
      return true;
    }
    const reason = this.reasons.find((one) => Number(one.dataset.key) === key);
    reason?.click();
    return Boolean(reason);
  }

  submit() {
    const chosen = this.cells.querySelector(":checked");
    if (chosen) this.digit(Number(chosen.dataset.key));
  }

  chosen() { return this.reasons.filter((reason) => reason.checked).map((reason) => reason.value); }
  draft() { return { reasons: this.chosen() }; }
  words({ label, reasons }) { return `thumbs ${label ? "up" : "down"}${reasons.length ? `, ${reasons.join(", ")}` : ""}`; }
  echo() {}

  choose(key) {
    for (const input of this.cells.querySelectorAll("input")) input.checked = Number(input.dataset.key) === key;
  }
}
