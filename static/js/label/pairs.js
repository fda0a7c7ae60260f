// The pair on the bench, those fetched ahead, those answered here. Pairs come as HTML the server made harmless.
import { nodesOf } from "./nodes.js";
import { post } from "./wire.js";

const AHEAD = 2;

export class Pairs {
  // `shown(pair)` is told whenever another pair (or none: null) lies on the bench.
  constructor(bench, form, owner, shown) {
    this.bench = bench;
    this.form = form;
    this.owner = owner;
    this.shown = shown;
    this.ahead = [];
    this.answered = [];
    this.current = form.dataset.token ? this.adopt() : null;
  }

  adopt() {
    const { token, idleAfter, activeMs } = this.form.dataset;
    return {
      token,
      nodes: [...this.bench.childNodes],
      idleAfter: Number(idleAfter),
      activeMs: Number(activeMs),
      draft: { comment: this.form.elements.comment.value, ...JSON.parse(this.form.dataset.draft || "{}") },
    };
  }

  make(row) {
    return {
      token: row.token,
      nodes: nodesOf(row.html),
      idleAfter: row.idle_after_seconds,
      activeMs: row.active_ms,
      draft: row.draft,
      stamp: row.stamp,
      outcome: row.outcome,
      given: row.given,
      comment: row.comment,
    };
  }

  get known() {
    return [this.current, ...this.ahead, ...this.answered.slice(-50).map((one) => one.pair)].filter(Boolean).map((pair) => pair.token);
  }

  get wants() { return this.ahead.length < AHEAD; }

  add(row) {
    if (!row || this.known.includes(row.token)) return;
    this.ahead.push(this.make(row));
    if (!this.current) this.advance();
  }

  // Puts the next pair on the bench; null when none is here.
  advance() {
    this.current = this.ahead.shift() ?? null;
    this.show();
  }

  // Puts this pair on the bench, and what lay there back to the front.
  bring(pair) {
    if (this.current) this.ahead.unshift(this.current);
    this.current = pair;
    this.show();
  }

  // Takes a pair away that cannot be answered any more.
  take(token) {
    this.ahead = this.ahead.filter((pair) => pair.token !== token);
    if (this.current?.token === token) this.advance();
  }

  show() {
    if (this.current) {
      this.bench.replaceChildren(...this.current.nodes);
      scrollTo({ top: 0, behavior: "instant" });
    }
    this.form.toggleAttribute("data-empty", !this.current);
    this.shown(this.current);
  }

  // Fetches until enough are here. Says whether the server had none.
  async fill() {
    if (this.filling) return;
    this.filling = true;
    try {
      while (this.wants || !this.current) {
        const { next, queue } = this.form.dataset;
        const reply = await post(next, { queue, known: this.known, owner: this.owner });
        if (reply.kind !== "ok") return reply.kind;
        this.sat?.(reply.data.sitting);
        if (!reply.data.pair) return "none";
        this.add(reply.data.pair);
      }
    } finally {
      this.filling = false;
    }
  }
}
