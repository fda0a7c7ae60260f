// The dock as a thing: the scale and its echo, the comment box, the toast, the dialogs.
const ECHO_MS = 260;
const TOAST_MS = 6_000;

export class Dock {
  constructor(form) {
    this.form = form;
    this.scale = form.querySelector(".scale");
    this.toast = form.querySelector("#toast");
    this.box = form.querySelector("#comment-box");
    this.comment = form.elements.comment;
    this.commentButton = form.querySelector('[data-act="comment"]');
    this.keep = form.querySelector('[data-act="keep"]');
  }

  choose(grade) {
    for (const input of this.scale.querySelectorAll("input")) input.checked = Number(input.value) === grade;
  }

  get chosen() { return this.scale.querySelector(":checked"); }
  has(grade) { return Boolean(this.scale.querySelector(`[value="${grade}"]`)); }

  // The chosen cell stays lit for a moment while the next pair is there already.
  echo(grade, after = null) {
    this.choose(grade);
    this.scale.dataset.saving = "";
    clearTimeout(this.echoing);
    this.echoing = setTimeout(() => this.still(after), ECHO_MS);
  }

  still(grade = null) {
    clearTimeout(this.echoing);
    delete this.scale.dataset.saving;
    this.choose(grade);
  }

  words({ outcome, grade }) {
    if (outcome !== "answer") return { both_bad: "both bad", skip: "skipped", broken: "flagged" }[outcome];
    const cell = this.scale.querySelector(`[value="${grade}"]`);
    return cell.closest(".cell").dataset.side ? cell.dataset.words.replace(" is ", " ") : "a tie";
  }

  say(text, { undo = true } = {}) {
    this.toast.querySelector("[data-text]").textContent = text;
    this.toast.querySelector('[data-act="undo"]').hidden = !undo;
    this.toast.hidden = false;
    this.toast.removeAttribute("data-timed");
    requestAnimationFrame(() => this.toast.setAttribute("data-timed", ""));
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.hush(), TOAST_MS);
  }

  hush() { this.toast.hidden = true; }

  get open() { return !("closed" in this.box.dataset); }
  set open(open) {
    if (open) delete this.box.dataset.closed;
    else this.box.dataset.closed = "";
    this.commentButton.setAttribute("aria-expanded", String(open));
  }
}

export const hidePopovers = () => {
  for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
};
