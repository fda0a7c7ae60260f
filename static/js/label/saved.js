// The mark in the bar, and the note below it when something keeps answers from being sent.
import { clear, note } from "./notes.js";

const mark = document.querySelector("#saved");
const sprite = mark.querySelector("use").getAttribute("href").split("#")[0];
const TROUBLES = ["offline", "away", "signed-out", "other-person", "no-access"];
const BAR = {
  offline: ["warn", "offline", "Offline"],
  away: ["warn", "offline", "Server away"],
  "signed-out": ["bad", "lock", "Signed out"],
  "other-person": ["bad", "lock", "Not signed in as you"],
  "no-access": ["bad", "lock", "No access"],
};

const answers = (count) => (count === 1 ? "1 answer waits in this browser" : `${count} answers wait in this browser`);
const none = "everything you gave is stored";

const bar = (state, icon, text) => {
  mark.dataset.state = state;
  mark.querySelector("use").setAttribute("href", `${sprite}#${icon}`);
  const words = mark.querySelector("[data-text]");
  if (words.textContent !== text) words.textContent = text;
};

// `state`: the outbox's; `waiting`: answers not confirmed; `ahead`: pairs already here; `writing`: a draft on its way.
export const saved = ({ state, waiting, ahead, writing }) => {
  if (TROUBLES.includes(state)) {
    const [colour, icon, words] = BAR[state];
    bar(colour, icon, waiting ? `${words}, ${waiting} kept here` : words);
    clear(...TROUBLES.filter((name) => name !== state));
    note(state, {
      waiting: waiting ? answers(waiting) : none,
      sent: waiting === 1 ? "is sent, once," : waiting ? "are sent, once each," : "what you say next is sent, once each,",
      ahead: ahead ? `${ahead === 1 ? "One more is" : `${ahead} more are`} already here.` : "Nothing further is here.",
    });
    return;
  }
  clear(...TROUBLES);
  if (waiting) bar("running", "cloud", waiting > 1 ? `Sending ${waiting}` : "Sending");
  else if (writing) bar("running", "cloud", "Saving");
  else bar("ok", "cloud", "Saved");
};
