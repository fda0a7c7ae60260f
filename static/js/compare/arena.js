// The comparison pages by keyboard: votes by digit, switches by letter, and honest reading time.
import { Clock } from "../label/clock.js";

const KEPT = "compare-";
const digits = /^[1-9]$/;
const clock = new Clock(() => {});

const show = (input) => {
  const arena = input.closest(".arena");
  arena.dataset[input.dataset.switch] = input.checked ? "on" : "off";
};

// A new pair came: switches stand where the reader left them, and the clock runs for this pair.
const settle = (arena) => {
  for (const input of arena.querySelectorAll("[data-switch]")) {
    const kept = localStorage.getItem(KEPT + input.dataset.switch);
    if (kept) input.checked = kept === "on";
    show(input);
  }
  const form = arena.querySelector("[data-vote]");
  clock.start(form && { activeMs: Number(form.dataset.activeMs), idleAfter: Number(form.dataset.idleAfter) });
};

document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-switch]");
  if (!input) return;
  localStorage.setItem(KEPT + input.dataset.switch, input.checked ? "on" : "off");
  show(input);
});

// Arrow keys move through the scale without voting: only a real click or a digit sends.
document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-vote] .cell input");
  if (cell && event.detail > 0) cell.form.requestSubmit();
});

// Before htmx reads the form.
document.addEventListener("submit", (event) => {
  const spent = event.target.querySelector("[name=active_ms]");
  if (spent) spent.value = clock.read();
}, { capture: true });

const typing = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur();
  if (typing(event.target)) return;
  if (digits.test(event.key)) {
    const cell = document.querySelector(`[data-vote] [name=grade][value="${event.key}"]`);
    if (!cell) return;
    event.preventDefault();
    cell.checked = true;
    cell.form.requestSubmit();
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Enter" && event.target.closest("a, button, summary, [data-vote]")) return;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("textarea")) found.focus();
  else found.click();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const arena = document.querySelector("#arena");
  if (event.target.id !== "arena" && event.detail.target?.id !== "arena") return;
  settle(arena);
  arena.focus({ preventScroll: true });
  arena.scrollIntoView({ block: "start" });
});

for (const failed of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failed, (event) => {
    if (event.target.matches("textarea")) return;
    document.querySelector("[data-not-sent]")?.removeAttribute("hidden");
    for (const chosen of document.querySelectorAll("[data-vote] [name=grade]:checked")) chosen.checked = false;
  });
}

const arena = document.querySelector("#arena");
if (arena) settle(arena);
