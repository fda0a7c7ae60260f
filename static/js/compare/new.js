// Whoever fills in a source of prompts means that source.
document.addEventListener("focusin", (event) => {
  const radio = event.target.closest(".source")?.querySelector("[type=radio]");
  if (radio && event.target !== radio) radio.checked = true;
});
