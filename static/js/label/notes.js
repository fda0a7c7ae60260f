// What the page says above the pair. Each note is a template of the page; one of a kind at a time.
const place = document.querySelector("#notices");

export const note = (name, words = {}, id = name) => {
  const shown = place.querySelector(`[data-id="${id}"]`) ?? put(name, id);
  for (const [slot, text] of Object.entries(words)) {
    const part = shown.querySelector(`[data-slot="${slot}"]`);
    if (part && part.textContent !== String(text)) part.textContent = text;
  }
  return shown;
};

const put = (name, id) => {
  const made = document.querySelector(`#note-${name}`).content.firstElementChild.cloneNode(true);
  made.dataset.id = id;
  place.append(made);
  return made;
};

export const clear = (...ids) => {
  for (const id of ids) place.querySelector(`[data-id="${id}"]`)?.remove();
};

export const bench = (name) => document.querySelector(`#bench-${name}`).content.cloneNode(true);

place.addEventListener("click", (event) => {
  if (event.target.closest('[data-act="close-note"]')) event.target.closest(".note").remove();
});
