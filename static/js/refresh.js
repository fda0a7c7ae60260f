// Parts marked data-refresh="live" are fetched again every few seconds while the page is looked at.
const EVERY = 3000;

const held = (part) => part.contains(document.activeElement) || part.querySelector("input:checked");
setInterval(() => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll('[data-refresh="live"]')) if (!held(part)) htmx.trigger(part, "refresh");
}, EVERY);
