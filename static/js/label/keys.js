// Every key the page knows. A key held down answers once; keys do nothing while somebody writes.
const LETTERS = { c: "comment", f: "flag", s: "skip", u: "undo", a: "answers", g: "guide", d: "differences", t: "plain", "?": "keys" };

const digitOf = (event) => {
  if (/^\d$/.test(event.key)) return Number(event.key);
  // Layouts that have digits only with shift (AZERTY) still answer with one key.
  const code = !event.shiftKey && !/^[\p{L}?]$/u.test(event.key) && /^Digit(\d)$/.exec(event.code);
  return code ? Number(code[1]) : null;
};

// `act` has one function per name above, and reason(popover, n), escape(); `way` has digit(n), submit(), and may take
// other keys with key(event). What somebody writes is theirs, but for Escape and, with Ctrl or Cmd, Enter.
export const listen = (act, way) => {
  addEventListener("keydown", (event) => {
    const send = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (send && !document.querySelector(":popover-open")) { event.preventDefault(); way.submit(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("textarea, input:not([type=radio], [type=checkbox]), select")) {
      if (event.key === "Escape") { event.preventDefault(); act.escape(); }
      return;
    }
    const open = document.querySelector(":popover-open");
    const digit = digitOf(event);
    if (event.repeat && (digit !== null || LETTERS[event.key.toLowerCase()])) return;
    if (digit !== null) {
      if (open?.matches(".reasons")) act.reason(open, digit);
      else if (!open && way.digit(digit)) event.preventDefault();
      return;
    }
    if (!open && way.key?.(event)) { event.preventDefault(); return; }
    if (event.key === "Enter" && !open && !event.target.closest("button, a, summary, input")) {
      event.preventDefault();
      way.submit();
      return;
    }
    const name = LETTERS[event.key.toLowerCase()];
    if (name && (!open || open.id === name)) { event.preventDefault(); act[name](); }
    else if (event.key === "Escape" && !open) act.escape();
  });
};
