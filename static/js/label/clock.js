// Active time. It runs while the page is visible and somebody shows signs of life; reading without touching anything
// counts for as long as reading the pair slowly would take (the server says how long that is), then the clock stands.
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel", "scroll", "touchstart", "focus"];
const TICK_MS = 1_000;
const LONGEST_STEP_MS = 2 * TICK_MS; // a laptop that slept has not read

export class Clock {
  constructor(changed) {
    this.changed = changed;
    this.total = 0;
    this.pair = null;
    this.last = this.sign = performance.now();
    for (const name of SIGNS) addEventListener(name, () => { this.sign = performance.now(); }, { capture: true, passive: true });
    setInterval(() => this.tick(), TICK_MS);
  }

  get idleMs() { return performance.now() - this.sign; }
  get runs() { return Boolean(this.pair) && !document.hidden && this.idleMs <= this.pair.idleAfter * 1_000; }

  start(pair) {
    this.tick();
    this.pair = pair;
    this.sign = performance.now();
    this.changed(this.runs);
  }

  tick() {
    const now = performance.now();
    const step = Math.min(now - this.last, LONGEST_STEP_MS);
    this.last = now;
    if (this.runs) {
      this.pair.activeMs += step;
      this.total += step;
    }
    this.changed(this.runs);
  }

  // Milliseconds on the pair that lies here, to this moment.
  read() {
    this.tick();
    return Math.round(this.pair?.activeMs ?? 0);
  }
}
