// Of the form that changes many items only what the chosen action needs is shown; without this module all of it is.
const show = (form) => {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== form.elements.action.value;
};
const all = () => document.querySelectorAll("[data-change]").forEach(show);
document.addEventListener("change", (event) => { const form = event.target.closest?.("[data-change]"); if (form) show(form); });
document.addEventListener("htmx:afterSwap", all);
all();
