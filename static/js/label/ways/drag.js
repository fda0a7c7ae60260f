// Dragging chips along their row with mouse, pen or finger: onto one ties, beside one goes before or after it.
const FAR_PX = 6;

export class Drag {
  // `drop(one, target, how)`: how is before, after or tie; a target without a place takes the chip out.
  constructor(row, { ties, drop }) {
    Object.assign(this, { row, ties, drop });
    row.addEventListener("pointerdown", (event) => this.start(event));
    row.addEventListener("pointermove", (event) => this.move(event));
    row.addEventListener("pointerup", (event) => this.end(event));
    row.addEventListener("pointercancel", () => this.stop());
    // A click that ended a drag is none.
    row.addEventListener("click", (event) => { if (this.dragged) event.stopImmediatePropagation(); this.dragged = false; }, { capture: true });
  }

  start(event) {
    const chip = event.target.closest(".chip");
    if (!chip || event.button > 0) return;
    this.chip = chip;
    this.from = { x: event.clientX, y: event.clientY };
    this.dragged = false;
  }

  move(event) {
    if (!this.chip) return;
    const [x, y] = [event.clientX - this.from.x, event.clientY - this.from.y];
    if (!this.dragged && Math.hypot(x, y) < FAR_PX) return;
    if (!this.dragged) this.row.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.chip.style.translate = `${x}px ${y}px`;
    this.chip.dataset.dragged = "";
    this.mark(this.at(event));
  }

  end(event) {
    if (this.chip && this.dragged) {
      const { target, how } = this.at(event);
      const one = Number(this.chip.dataset.chip);
      const free = target && "free" in target.dataset;
      if (target) this.drop(one, free ? undefined : Number(target.dataset.chip), free ? this.whenFree() : how);
    }
    this.stop();
    setTimeout(() => { this.dragged = false; });
  }

  stop() {
    if (this.chip) {
      this.chip.style.translate = "";
      delete this.chip.dataset.dragged;
    }
    this.mark({});
    this.chip = null;
  }

  // Dropped among those without a place: a placed chip is taken out, a free one becomes the last.
  whenFree() { return "free" in this.chip.dataset ? "after" : undefined; }

  at(event) {
    const others = [...this.row.querySelectorAll(".chip")].filter((chip) => chip !== this.chip);
    const far = (chip) => {
      const box = chip.getBoundingClientRect();
      return Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2);
    };
    const target = others.sort((one, other) => far(one) - far(other))[0];
    if (!target) return {};
    const box = target.getBoundingClientRect();
    const share = (event.clientX - box.x) / box.width;
    return { target, how: this.ties && share > 0 && share < 1 ? "tie" : share < 0.5 ? "before" : "after" };
  }

  mark({ target, how }) {
    for (const chip of this.row.querySelectorAll("[data-drop]")) delete chip.dataset.drop;
    if (target) target.dataset.drop = how;
  }
}
