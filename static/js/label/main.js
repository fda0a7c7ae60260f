// The labelling page. The form works without any of this; here it becomes one key a pair, with the next pair already
// there, and answers that survive a lost connection, a server that is away, and a closed tab.
import { listAnswers } from "./answers.js";
import { Clock } from "./clock.js";
import { Dock, hidePopovers } from "./dock.js";
import { Draft } from "./draft.js";
import { Heart } from "./heart.js";
import { listen } from "./keys.js";
import { Labelling } from "./labelling.js";
import { Outbox } from "./outbox.js";
import { Pairs } from "./pairs.js";
import { Reading } from "./reading.js";
import { Ruler } from "./ruler.js";
import { alone } from "./tabs.js";
import { wayOf } from "./ways/index.js";

const form = document.querySelector("#vote");
const benchPair = document.querySelector("#bench-pair");
const active = document.querySelector("#active");
const stands = document.querySelector("#clock-stands");
const { owner, queue, project, goal, activeBefore } = form.dataset;

const clock = new Clock((runs) => {
  const minutes = String(Math.round((Number(activeBefore) + clock.total) / 60_000));
  if (active.textContent !== minutes) active.textContent = minutes;
  stands.hidden = runs || !clock.pair;
});
const dock = new Dock(form);
const ruler = new Ruler(document.querySelector(".ruler"), document.querySelector("#done"), Number(goal));
const labelling = new Labelling({ form, dock, clock, ruler, benchPair });
const outbox = new Outbox(owner, {
  stored: (entry, data) => labelling.stored(entry, data),
  refused: (entry) => labelling.refused(entry),
  changed: () => labelling.mark(),
}, (entry) => labelling.extras(entry));
const reading = new Reading(benchPair, form);
const shown = (pair) => {
  labelling.shown(pair);
  reading.shown();
};
const pairs = new Pairs(benchPair, form, owner, shown);
pairs.sat = (sitting) => labelling.sat(sitting);
const way = await wayOf(form.dataset.way, {
  form,
  bench: benchPair,
  send: (said) => labelling.answer(said),
  changed: () => draft.wrote(),
  reading: (seconds) => { if (pairs.current) pairs.current.idleAfter = seconds; },
  owner,
});
const draft = new Draft(dock.comment, () => way.draft(), (options) => { labelling.mark(); heart.beat(options); });
const heart = new Heart({ form, owner, clock, draft, pairs, heard: (reply, pair) => labelling.heard(reply, pair) });
Object.assign(labelling, { outbox, pairs, draft, heart, way });

const toggle = (id) => () => document.querySelector(`#${id}`).togglePopover();
const act = {
  reason: (popover, digit) => popover.querySelectorAll("button")[digit - 1]?.click(),
  comment: () => {
    if (!pairs.current) return;
    dock.open = !dock.open || document.activeElement !== dock.comment;
    if (dock.open) dock.comment.focus();
  },
  flag: () => pairs.current && toggle("flag-reasons")(),
  skip: () => pairs.current && toggle("skip-reasons")(),
  guide: toggle("guide"),
  keys: toggle("keys"),
  answers: toggle("answers"),
  undo: () => way.undo?.() || labelling.undo(),
  differences: () => reading.mark(),
  plain: () => reading.plain(),
  keep: () => labelling.leaveChange(),
  retry: () => outbox.flush(),
  "take-over": () => location.reload(),
  escape: () => {
    if (document.activeElement !== dock.comment) return labelling.leaveChange();
    dock.open = Boolean(dock.comment.value);
    dock.comment.blur();
  },
};
listen(act, way);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, value } = event.submitter ?? {};
  if (name === "skip") labelling.answer({ outcome: "skip", reason: value });
  else if (name === "flag") labelling.answer({ outcome: "broken", reason: value });
  else if (name === "both_bad") labelling.answer({ outcome: "both_bad" });
  else way.submit();
});
document.addEventListener("click", (event) => {
  const name = event.target.closest("[data-act]")?.dataset.act;
  if (["comment", "undo", "keep", "retry", "take-over", "differences", "plain"].includes(name)) act[name]();
});
document.querySelector("#end-form").addEventListener("submit", async (event) => {
  if (!outbox.waiting.length) return;
  event.preventDefault();
  await outbox.flush();
  if (outbox.waiting.length) hidePopovers();
  else event.target.submit();
});
addEventListener("offline", () => { outbox.state = "offline"; labelling.mark(); });
listAnswers(labelling);
alone(`plumbline:label:${owner}:${project}:${queue}`, () => labelling.stepAside());

// What an earlier page could not send goes first; a pair answered then is not shown again.
const pending = outbox.waiting.filter((entry) => entry.kind === "answer").map((entry) => entry.body.token);
for (const entry of outbox.refused) labelling.showRefused(entry);
if (pending.includes(pairs.current?.token)) pairs.advance();
else shown(pairs.current);
outbox.flush().then(() => labelling.refill()).then(() => { form.dataset.ready = ""; });

// Opened to change one answer.
const wanted = new URLSearchParams(location.search).get("change");
if (wanted) {
  const address = new URL(location.href);
  address.searchParams.delete("change");
  history.replaceState(null, "", address);
  labelling.change(wanted);
}
