// The dock as a thing: the comment box, the toast, the dialogs.
const TOAST_MS = 6_000;

export class Dock {
  constructor(form) {
    this.form = form;
    this.toast = form.querySelector("#toast");
    this.box = form.querySelector("#comment-box");
    this.comment = form.elements.comment;
    this.commentButton = form.querySelector('[data-act="comment"]');
    this.keep = form.querySelector('[data-act="keep"]');
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
