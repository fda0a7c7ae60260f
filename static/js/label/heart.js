// The heartbeat: holds the leases while somebody is there, carries draft and time, hears what became of the pair.
import { post } from "./wire.js";

const GONE_AFTER_MS = 10 * 60_000; // without a sign of life the page falls silent, and the lease runs out by itself

export class Heart {
  constructor({ form, owner, clock, draft, pairs, heard }) {
    Object.assign(this, { form, owner, clock, draft, pairs, heard });
    this.timer = setInterval(() => clock.idleMs < GONE_AFTER_MS && this.beat(), Number(form.dataset.beatSeconds) * 1_000);
  }

  stop() { clearInterval(this.timer); }

  async beat({ keepalive = false } = {}) {
    const pair = this.pairs.current;
    if (!pair || this.silent) return;
    const body = {
      owner: this.owner,
      token: pair.token,
      active_ms: this.clock.read(),
      guide: Number(this.form.dataset.guide),
      ...(pair.change ? {} : { draft: this.draft.value }),
    };
    const reply = await post(this.form.dataset.beat, body, { keepalive });
    const same = JSON.stringify(body.draft) === JSON.stringify(this.draft.value);
    if (reply.kind === "ok" && same) this.draft.dirty = false;
    this.heard(reply, pair);
  }
}
