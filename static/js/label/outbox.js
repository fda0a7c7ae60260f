// What was said and has not been confirmed, in order, kept in this browser until the server has it. Each entry carries
// its own id, so that sending one twice is harmless; only entries of the person signed in here are ever sent.
import { post } from "./wire.js";
import { read, write } from "./store.js";

const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

export class Outbox {
  // `said`: stored(entry, data), refused(entry, reason), changed(); `extras(entry)` is added when an entry is sent.
  constructor(owner, said, extras = () => ({})) {
    this.owner = owner;
    this.said = said;
    this.extras = extras;
    this.state = "ok";
    this.tries = 0;
    this.running = null;
    addEventListener("online", () => this.flush());
    addEventListener("focus", () => this.waiting.length && this.flush());
    addEventListener("storage", () => this.said.changed());
    document.addEventListener("visibilitychange", () => !document.hidden && this.waiting.length && this.flush());
  }

  get key() { return `plumbline:outbox:${this.owner}`; }
  get refusedKey() { return `plumbline:refused:${this.owner}`; }
  get waiting() { return read(this.key, []); }
  get refused() { return read(this.refusedKey, []); }

  push(entry) {
    write(this.key, [...this.waiting, { id: crypto.randomUUID?.() ?? uuid(), ...entry }]);
    this.said.changed();
    this.flush();
  }

  remove(id) { write(this.key, this.waiting.filter((entry) => entry.id !== id)); }
  drop(id) { write(this.refusedKey, this.refused.filter((entry) => entry.id !== id)); }

  // Sends what waits, one after the other. Resolves when nothing more can be sent now.
  flush() {
    clearTimeout(this.timer);
    this.running ??= this.run().finally(() => { this.running = null; });
    return this.running;
  }

  async run() {
    await alone(this.key, () => this.sendAll());
    this.said.changed();
  }

  async sendAll() {
    for (let entry = this.waiting[0]; entry; entry = this.waiting[0]) {
      this.said.changed();
      const reply = await post(entry.url, { ...entry.body, ...this.extras(entry), submission: entry.id, owner: this.owner });
      this.state = reply.kind === "refused" ? "ok" : reply.kind;
      if (reply.kind === "ok") {
        this.tries = 0;
        this.remove(entry.id);
        this.said.stored(entry, reply.data);
      } else if (reply.kind === "refused") {
        this.remove(entry.id);
        this.refuse(entry, reply);
      } else {
        this.later();
        return;
      }
    }
  }

  refuse(entry, { code, message }) {
    const kept = { ...entry, code, message };
    if (entry.kind !== "undo") write(this.refusedKey, [...this.refused, kept]);
    this.said.refused(kept);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAITS_MS[Math.min(this.tries++, WAITS_MS.length - 1)]);
  }
}

// One tab sends at a time, where the browser can arrange that; ids make it harmless where it cannot.
const alone = (name, work) =>
  navigator.locks ? navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && work()) : work();

// crypto.randomUUID exists on secure origins only; an address in the local network may be none.
const uuid = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(digit) / 4)))).toString(16));
