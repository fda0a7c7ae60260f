// The drawer with the answers of this sitting, read from the server when it opens.
import { nodesOf } from "./nodes.js";
import { post } from "./wire.js";

export const listAnswers = (labelling) => {
  const list = document.querySelector("#answers-list");
  document.querySelector("#answers").addEventListener("toggle", async (event) => {
    if (event.newState !== "open") return;
    await labelling.outbox.flush();
    const { queue, owner, form } = labelling;
    const reply = await post(form.dataset.answers, { queue, owner });
    if (reply.kind === "ok") list.replaceChildren(...nodesOf(reply.data.html));
    else list.replaceChildren("The list comes from the server, which does not answer now. What you answered is safe.");
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-change]");
    if (button) labelling.change(button.dataset.change, Number(button.dataset.number));
  });
};
