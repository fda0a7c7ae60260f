// Every key the page knows. A key held down answers once; keys do nothing while somebody writes.
const LETTERS = { c: "comment", f: "flag", s: "skip", u: "undo", a: "answers", g: "guide", "?": "keys" };

const digitOf = (event) => {
  if (/^\d$/.test(event.key)) return Number(event.key);
  // Layouts that have digits only with shift (AZERTY) still answer with one key.
  const code = !event.shiftKey && !/^[\p{L}?]$/u.test(event.key) && /^Digit(\d)$/.exec(event.code);
  return code ? Number(code[1]) : null;
};

// `act` has one function per name above, and grade(n), reason(popover, n), escape().
export const listen = (act) => {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("textarea, input:not([type=radio]), select")) {
      if (event.key === "Escape") { event.preventDefault(); act.escape(); }
      return;
    }
    const open = document.querySelector(":popover-open");
    const digit = digitOf(event);
    if (event.repeat && (digit !== null || LETTERS[event.key.toLowerCase()])) return;
    if (digit !== null) {
      if (open?.matches(".reasons")) act.reason(open, digit);
      else if (!open) act.grade(digit);
      return;
    }
    const name = LETTERS[event.key.toLowerCase()];
    if (name && (!open || open.id === name)) { event.preventDefault(); act[name](); }
    else if (event.key === "Escape" && !open) act.escape();
  });
};
