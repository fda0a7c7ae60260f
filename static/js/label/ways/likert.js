// Ratings: a digit rates the criterion one stands on and goes on to the next; with one criterion it answers.
export default class Likert {
  constructor({ form, send, changed }) {
    Object.assign(this, { form, send, changed });
    this.scale = Number(form.elements.scale.value);
    this.rows = [...form.querySelectorAll("[data-criterion]")];
    this.single = this.rows.length === 1;
    this.at = 0;
    for (const [place, row] of this.rows.entries()) {
      row.addEventListener("focusin", () => this.stand(place));
      // A pointer answers a single criterion at once; arrow keys only move (their clicks have no detail).
      row.addEventListener("click", (event) => {
        if (this.single && event.target.matches("input") && event.detail > 0) this.digit(Number(event.target.value));
      });
      row.addEventListener("change", () => this.changed());
    }
  }

  open(item) {
    const ratings = (item?.change ? item.given?.ratings : item?.draft?.ratings) ?? {};
    for (const row of this.rows) this.choose(row, ratings[row.dataset.criterion]);
    this.stand(Math.max(0, this.rows.findIndex((row) => !this.chosen(row))));
  }

  digit(step) {
    if (step < 1 || step > this.scale) return false;
    this.choose(this.rows[this.at], step);
    if (this.single) this.submit();
    else {
      this.changed();
      this.goOn();
    }
    return true;
  }

  key(event) {
    if (this.single || event.target.matches("input")) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.stand(Math.min(Math.max(this.at + step, 0), this.rows.length - 1));
    return Boolean(step);
  }

  submit() {
    const missing = this.rows.findIndex((row) => !this.chosen(row));
    if (missing < 0) this.send({ outcome: "answer", ratings: this.ratings(), scale: this.scale });
    else if (!this.single) {
      this.stand(missing);
      this.rows[missing].querySelector("input").focus();
    }
  }

  draft() { return this.single ? {} : { ratings: this.ratings() }; }
  echo() {}

  words({ ratings }) {
    const said = Object.entries(ratings);
    return `${said.length === 1 ? said[0][1] : said.map(([name, step]) => `${name} ${step}`).join(", ")} of ${this.scale}`;
  }

  // The next criterion without a step, after this one first; where all have theirs, one stays.
  goOn() {
    const order = [...this.rows.keys()].map((place) => (this.at + 1 + place) % this.rows.length);
    this.stand(order.find((place) => !this.chosen(this.rows[place])) ?? this.at);
  }

  stand(place) {
    this.at = place;
    for (const [number, row] of this.rows.entries()) row.toggleAttribute("data-here", !this.single && number === place);
  }

  ratings() {
    const rated = this.rows.filter((row) => this.chosen(row));
    return Object.fromEntries(rated.map((row) => [row.dataset.criterion, Number(this.chosen(row).value)]));
  }

  chosen(row) { return row.querySelector(":checked"); }

  choose(row, step) {
    for (const input of row.querySelectorAll("input")) input.checked = Number(input.value) === step;
  }
}
