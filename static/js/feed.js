// One run's points, fetched by cursor and kept in buckets. The server sends whole buckets that changed, or everything.
const COLUMNS = ["i", "x", "y", "low", "high", "n", "broken"];

export class Feed {
  constructor({ url, page, name, token }) {
    Object.assign(this, { url, page, name, token });
    this.over = false;
    this.forget();
  }

  // Start over: the horizontal axis changed.
  forget() {
    this.seq = -1;
    this.width = 0;
    this.series = {};
    this.panels = [];
    this.alerts = [];
    this.levels = [];
  }

  // Fetch what is new. True if something was.
  async poll(axis) {
    const response = await fetch(`${this.url}?since=${this.seq}&width=${this.width}&x=${axis}`, { headers: { Accept: "application/json" } });
    if (response.status === 204) return false;
    if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) throw new Error(String(response.status));
    const answer = await response.json();
    this.over = answer.over;
    if (!answer.series) return false;
    this.take(answer);
    return true;
  }

  take(answer) {
    if (answer.reset) this.series = {};
    for (const [key, fresh] of Object.entries(answer.series)) this.series[key] = merged(this.series[key], fresh);
    this.panels = answer.panels ?? this.panels;
    this.seq = answer.seq;
    this.width = answer.width;
    this.alerts = answer.alerts;
    this.levels = answer.levels;
  }

  // Where a step stands on the horizontal axis: that of the bucket it lies in, of any metric.
  place(step) {
    const wanted = Math.floor(step / this.width);
    let best;
    for (const { i, x } of Object.values(this.series)) {
      const at = i.findIndex((index) => index >= wanted);
      if (at < 0) continue;
      if (i[at] === wanted && this.width === 1) return x[at];
      if (best === undefined || i[at] < best.index) best = { index: i[at], x: x[at] };
    }
    return best?.x ?? step;
  }
}

// Old buckets up to where the fresh ones begin, then those. New arrays: Plotly looks at identity.
const merged = (old, fresh) => {
  if (!old || !fresh.i.length) return old ?? fresh;
  const from = old.i.findIndex((index) => index >= fresh.i[0]);
  const kept = from < 0 ? old.i.length : from;
  return Object.fromEntries(COLUMNS.map((column) => [column, [...old[column].slice(0, kept), ...fresh[column]]]));
};

// Debiased exponential mean over buckets: each weighs as many points as it holds and halves every `halfLife` steps.
export const smoothed = ({ i, y, n }, width, halfLife) => {
  if (!halfLife || y.every((value) => value === y[0])) return y;
  let total = 0, weight = 0, last = i[0];
  return y.map((value, at) => {
    const keep = 0.5 ** (((i[at] - last) * width) / halfLife);
    last = i[at];
    total *= keep;
    weight *= keep;
    if (value !== null) { total += value * n[at]; weight += n[at]; }
    return weight ? total / weight : null;
  });
};

// What was logged, as a line that goes through the minimum and the maximum of every bucket: no spike is lost.
export const envelope = ({ x, y, low, high, n }) => {
  const points = { x: [], y: [] };
  x.forEach((at, index) => {
    const values = n[index] > 1 ? [low[index], high[index]] : [y[index]];
    for (const value of values) { points.x.push(at); points.y.push(value); }
  });
  return points;
};
