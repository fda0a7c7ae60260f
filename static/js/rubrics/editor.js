// The editor of a rubric: shows the fields that an item's kind has, and says what the weights sum to while one types.

const TOLERANCE = 0.001;

function dress(item) {
  const kind = item.querySelector("[data-kind-of-item]").value;
  const verifier = item.querySelector("[data-verifier]").value;
  for (const part of item.querySelectorAll("[data-for]")) {
    const others = part.dataset.optionsOf !== undefined && part.dataset.optionsOf !== verifier;
    part.hidden = part.dataset.for !== kind || others;
  }
}

function weigh(section) {
  const said = section.querySelector("[data-sum] output");
  if (!said) return;
  const sum = [...section.querySelectorAll("[data-weight]")].reduce((whole, field) => whole + (Number(field.value) || 0), 0);
  said.value = String(Number(sum.toFixed(4)));
  said.closest("[data-sum]").toggleAttribute("data-off", Math.abs(sum - 1) > TOLERANCE);
}

function dressAll() {
  document.querySelectorAll("[data-rubric-editor] [data-item]").forEach(dress);
  document.querySelectorAll("[data-rubric-editor] section").forEach(weigh);
}

document.addEventListener("change", (event) => {
  const item = event.target.closest?.("[data-item]");
  if (item && event.target.matches("[data-kind-of-item], [data-verifier]")) dress(item);
});
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-weight]")) weigh(event.target.closest("section"));
});
document.addEventListener("htmx:afterSettle", dressAll);
dressAll();
