// Away from the bench: answers that a labelling page could not send are sent from here, and said to be waiting until then.
import { Outbox } from "./outbox.js";
import { keys, read } from "./store.js";

const PREFIX = "plumbline:outbox:";
const note = document.querySelector("#waiting-answers");

const tell = () => {
  const count = keys(PREFIX).reduce((sum, key) => sum + read(key, []).length, 0);
  note.hidden = !count;
  note.querySelector("[data-text]").textContent =
    count === 1 ? "1 answer waits in this browser and is sent when the server answers." : `${count} answers wait in this browser and are sent when the server answers.`;
};

// The server refuses what was given by somebody else than the one signed in now; that stays where it is.
for (const key of keys(PREFIX)) {
  new Outbox(key.slice(PREFIX.length), { stored: tell, refused: tell, changed: tell }).flush();
}
tell();
