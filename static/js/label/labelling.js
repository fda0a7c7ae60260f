// What happens to pairs and answers: answering, undoing, changing, waiting for more, and what the server says of it.
import { hidePopovers } from "./dock.js";
import { bench, clear, note } from "./notes.js";
import { nodesOf } from "./nodes.js";
import { saved } from "./saved.js";
import * as store from "./store.js";
import { post } from "./wire.js";

const LOOK_AGAIN_MS = 15_000;
const ASIDE = ["skip", "broken"];
const OUTCOMES = { both_bad: "both bad", skip: "skipped", broken: "flagged" };

export class Labelling {
  constructor({ form, dock, clock, ruler, benchPair }) {
    Object.assign(this, { form, dock, clock, ruler, benchPair });
    const { owner, queue, project, goal, sitting, noun } = form.dataset;
    Object.assign(this, { owner, queue, project, noun, goal: Number(goal), sitting: Number(sitting), aside: false });
  }

  // Answers carry a wish for the next pair, so that one round trip does both.
  extras(entry) {
    const here = entry.kind === "answer" && entry.project === this.project && entry.body.queue === this.queue;
    return here && !this.aside ? { more: this.pairs.wants, known: this.pairs.known } : {};
  }

  mark() {
    const { outbox, pairs, draft } = this;
    saved({ state: outbox.state, waiting: outbox.waiting.length, ahead: pairs.ahead.length, writing: draft.dirty });
    if (!store.lasting) note("storage");
  }

  shown(pair) {
    const { dock, form, way } = this;
    clear("lost");
    clearTimeout(this.looking);
    this.draft.open(pair);
    this.clock.start(pair);
    dock.open = Boolean(dock.comment.value);
    dock.keep.hidden = !pair?.change;
    form.elements.token.value = pair?.token ?? "";
    way.open(pair && { ...pair, draft: this.draft.kept });
    if (pair?.stamp && pair.stamp !== form.dataset.stamp) location.reload();
    if (!pair) this.rest("waiting");
    this.mark();
  }

  // Nothing lies on the bench: why, and the next look.
  rest(name) {
    this.clock.start(null);
    this.benchPair.replaceChildren(bench(name));
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.refill(), LOOK_AGAIN_MS);
  }

  async refill() {
    if (this.aside) return;
    const outcome = await this.pairs.fill();
    if (!this.pairs.current && outcome === "none") this.rest("empty");
    else if (outcome && outcome !== "none") this.trouble(outcome);
    this.mark();
  }

  trouble(kind) {
    this.outbox.state = kind;
    this.outbox.later();
    this.mark();
  }

  // The server says which sitting it is; another one means that the last was ended while nobody was here.
  sat(number) {
    if (number === this.sitting) return;
    this.sitting = number;
    this.pairs.answered = [];
    this.ruler.clear();
    note("ended");
  }

  answer(said) {
    const { pairs, dock, way } = this;
    const pair = pairs.current;
    if (!pair || this.aside) return;
    hidePopovers();
    const name = pair.change && !pair.number ? "Changed" : `${this.noun} ${pair.number ?? this.ruler.marks.length + 1}`;
    const words = `${name}: ${OUTCOMES[said.outcome] ?? way.words(said)}`;
    const comment = dock.comment.value;
    const body = {
      ...said,
      token: pair.token,
      queue: this.queue,
      comment,
      active_ms: this.clock.read(),
      ...(pair.change ? { change: true } : {}),
    };
    this.draft.close(pair.token);
    clear(`refused-${pair.token}`);
    if (!pair.change) {
      pairs.answered.push({ pair, words });
      this.ruler.push(ASIDE.includes(said.outcome) ? "put-aside" : "done");
      if (this.ruler.marks.length === this.goal) note("goal", { goal: this.goal });
    }
    pair.draft = { comment, ...way.draft() };
    pairs.advance();
    way.echo(said);
    dock.say(words, { undo: !pair.change });
    this.outbox.push({ kind: "answer", project: this.project, url: this.form.dataset.answer, words, body });
    if (pairs.wants) setTimeout(() => this.refill(), 50);
  }

  undo() {
    const last = this.aside ? null : this.pairs.answered.pop();
    if (!last) return;
    this.leaveChange();
    this.dock.hush();
    this.ruler.pop();
    clear("goal");
    this.pairs.bring(last.pair);
    const body = { token: last.pair.token };
    this.outbox.push({ kind: "undo", project: this.project, url: this.form.dataset.undo, words: `Undo of ${last.words}`, body });
  }

  async change(token, number) {
    await this.outbox.flush();
    const reply = await post(this.form.dataset.answered, { token, owner: this.owner });
    hidePopovers();
    if (reply.kind === "refused") return this.dock.say(reply.message, { undo: false });
    if (reply.kind !== "ok") return this.trouble(reply.kind);
    this.leaveChange();
    this.pairs.bring({ ...this.pairs.make(reply.data.pair), change: true, number });
    this.dock.say(`${number ? `${this.noun} ${number}` : "Your answer"} again: answer to change it, Esc keeps it`, { undo: false });
  }

  leaveChange() {
    if (this.pairs.current?.change) this.pairs.advance();
  }

  stored(entry, data) {
    if (entry.project !== this.project) return;
    if ("sitting" in data) this.sat(data.sitting);
    this.pairs.add(data.pair);
    if (entry.kind === "undo" && data.held === false && this.pairs.current?.token === entry.body.token) note("lost");
    if (!this.pairs.current) this.refill();
  }

  refused(entry) {
    if (entry.kind === "undo") this.pairs.take(entry.body.token);
    this.showRefused(entry);
  }

  showRefused(entry) {
    if (entry.code === "nothing_to_undo") return;
    const shown = note("refused", { words: entry.words, message: entry.message }, `refused-${entry.body.token}`);
    shown.querySelector('[data-act="replace"]').hidden = entry.code !== "already_answered";
    shown.onclick = (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (!act) return;
      this.outbox.drop(entry.id);
      shown.remove();
      const { kind, project, url, words, body } = entry;
      if (act === "replace") this.outbox.push({ kind, project, url, words, body: { ...body, change: true } });
    };
  }

  // What the heartbeat brought back.
  heard(reply, pair) {
    const { outbox, pairs } = this;
    if (reply.kind === "refused") return this.mark();
    if (reply.kind !== "ok") return this.trouble(reply.kind);
    if (outbox.waiting.length) outbox.flush();
    else outbox.state = "ok";
    const { state, guide, guide_html: html } = reply.data;
    if (pairs.current === pair && !pair.change) {
      if (state === "lost") note("lost");
      if (state === "held") clear("lost");
      if (state === "answered") pairs.take(pair.token);
    }
    if (state === "ended") this.refill();
    if (html) this.newGuide(guide, html);
    this.mark();
  }

  newGuide(number, html) {
    document.querySelector("#guide-text").replaceChildren(...nodesOf(html));
    document.querySelector("#guide-number")?.replaceChildren(String(number));
    this.form.dataset.guide = number;
    note("guide", { number });
  }

  // Another tab took over.
  stepAside() {
    this.draft.now();
    this.aside = this.heart.silent = true;
    this.form.dataset.empty = "";
    this.clock.start(null);
    this.benchPair.replaceChildren(bench("aside"));
  }
}
