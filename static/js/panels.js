// Panels drawn from the catalogue's groups: what a line is (its role) decides how it looks, never which method it is of.
import { band, colour, draw, endLabel, level, line, plumb, raw, weight } from "./charts.js";
import { envelope, smoothed } from "./feed.js";

const DASHES = ["solid", "dash", "dot", "dashdot"];
const TOKENS = { main: "data-1", a: "data-1", b: "data-2", held_out: "data-2", low: "data-rest", high: "data-rest", spread: "data-1" };
const HIDDEN = new Set(["spread"]);
const ASIDE = new Set(["source", "low", "high"]); // beside the main line of one run; over several they would be a thicket
const LABEL_HEIGHT = 13;

const finite = (values) => values.filter((value) => value !== null);
const lastOf = (values) => values.findLast((value) => value !== null);
const number = (value, share = false) => {
  if (value === undefined || value === null) return "–";
  if (share) return `${(100 * value).toLocaleString("en-GB", { maximumFractionDigits: 1 })} %`;
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replaceAll("-", "−");
  const digits = size >= 1000 || Number.isInteger(value) ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  return value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
};

// The lines of a panel over several runs: each logged key once a run.
const linesOf = (key, feeds) => feeds.flatMap((feed, run) => {
  const panel = feed.panels.find((candidate) => candidate.key === key);
  return (panel?.lines ?? []).filter((row) => feed.series[row.key]).map((row, at) => ({ ...row, feed, run, at }));
});

const lookOf = (row, several, rows) => {
  if (several) return { token: row.feed.token, dash: DASHES[Math.min(row.at, DASHES.length - 1)] };
  if (row.role === "source") return { token: `data-${3 + (rows.filter((other) => other.role === "source").indexOf(row) % 4)}`, dash: "dash" };
  const mains = rows.filter((other) => other.role === "main").indexOf(row);
  return { token: mains > 0 ? `data-${2 + mains}` : TOKENS[row.role] ?? "data-1", dash: row.role === "b" || row.role === "source" ? "dash" : "solid" };
};

// A band for the spread around a main line, or between lowest and highest. Only for one run: bands over bands say nothing.
const bands = (rows, half) => rows.filter((row) => row.role === "main").flatMap((main) => {
  const spread = rows.find((row) => row.role === "spread");
  const low = rows.find((row) => row.role === "low"), high = rows.find((row) => row.role === "high");
  const series = main.feed.series, middle = series[main.key];
  if (spread) {
    const y = smoothed(middle, main.feed.width, half), by = new Map(series[spread.key].i.map((index, at) => [index, smoothed(series[spread.key], main.feed.width, half)[at]]));
    const width = middle.i.map((index) => by.get(index) ?? null);
    const side = (sign) => y.map((value, at) => (value === null || width[at] === null ? null : value + sign * width[at]));
    return band(middle.x, side(-1), side(1), "data-1");
  }
  if (low && high) return band(series[low.key].x, smoothed(series[low.key], main.feed.width, half), smoothed(series[high.key], main.feed.width, half), "data-1");
  return [];
});

const banded = (rows) => rows.some((row) => row.role === "main") && rows.some((row) => row.role === "low") && rows.some((row) => row.role === "high");

// Names at the ends of lines, pushed apart so that they can be read.
const labels = (ends, height) => {
  const values = ends.map((end) => end.y), span = Math.max(...values) - Math.min(...values) || 1;
  const perUnit = (height * 0.8) / span;
  let above = -Infinity;
  return ends.sort((a, b) => a.y - b.y).map((end) => {
    const wanted = end.y * perUnit, placed = Math.max(wanted, above + LABEL_HEIGHT);
    above = placed;
    return endLabel(end.x, end.y, end.text, end.token, placed - wanted);
  });
};

// The whole run, whatever labels and levels stand beside it; a constant gets room around it.
const rangeOf = (shown) => {
  const x = shown.flatMap((row) => row.feed.series[row.key].x).filter((value) => value !== null);
  const y = shown.flatMap((row) => { const { low, high } = row.feed.series[row.key]; return [...finite(low), ...finite(high)]; });
  const low = Math.min(...y), high = Math.max(...y);
  return { x: [Math.min(0, ...x), Math.max(1, ...x)], y: low === high ? [Math.min(0, 2 * low), Math.max(2 * high, low ? 0 : 1)] : undefined, top: Math.max(Math.abs(low), Math.abs(high)) };
};

const alertsOf = (panel, keys, feeds, first) => feeds.flatMap((feed) => feed.alerts.flatMap((alert) => {
  const own = alert.metric ? keys.has(alert.metric) : first;
  if (!own && !["reward", "length"].includes(panel)) return [];
  return [{ ...alert, own, x: feed.place(alert.step) }];
}));

export const drawPanel = (figure, feeds, { half, behind, axis, first, revision }) => {
  const rows = linesOf(figure.dataset.panel, feeds);
  figure.hidden = !rows.length && feeds.some((feed) => feed.seq >= 0 && Object.keys(feed.series).length > 0);
  if (figure.hidden) return;
  const plot = figure.querySelector(".plot"), several = feeds.length > 1, keys = new Set(rows.map((row) => row.key));
  const share = figure.dataset.unit.startsWith("share");
  const rightmost = Math.max(...rows.flatMap((row) => row.feed.series[row.key].x.slice(-1)));
  const traces = several ? [] : bands(rows, half), ends = [], said = [], broken = [];
  const aside = (role) => (several ? ASIDE.has(role) && rows.some((row) => row.role === "main") : banded(rows) && (role === "low" || role === "high"));
  const shown = rows.filter((row) => !HIDDEN.has(row.role) && !aside(row.role));
  const named = several || shown.length > 1;
  for (const row of shown) {
    const series = row.feed.series[row.key], look = lookOf(row, several, rows), sparse = row.role === "held_out";
    const y = sparse ? series.y : smoothed(series, row.feed.width, half);
    const name = several ? `${row.feed.name}${row.at ? `, ${row.name}` : ""}` : named ? row.name : "";
    if (behind && !sparse && (half || series.n.some((count) => count > 1))) { const points = envelope(series); traces.push(raw(points.x, points.y, look.token)); }
    traces.push(line(series.x, y, look.token, { name, mode: sparse ? "lines+markers" : "lines", line: { dash: look.dash } }));
    const end = lastOf(y);
    if (named && end !== undefined && (!several || (!row.at && series.x.at(-1) > 0.92 * rightmost))) ends.push({ x: series.x.at(-1), y: end, text: several ? row.feed.name : row.name, token: look.token });
    if (end !== undefined && said.length < 2 && !(several && row.at)) said.push(number(lastOf(series.y), share));
    series.broken.forEach((count, at) => { if (count) broken.push(series.x[at]); });
  }
  const range = rangeOf(shown);
  const marks = alertsOf(figure.dataset.panel, keys, feeds, first);
  const levels = feeds[0].levels.filter((row) => keys.has(row.key)).filter((row) => row.y <= 3 * Math.max(0, ...finite(feeds[0].series[row.key].high))).map((row) => level(row.y, row.text));
  const flag = (mark) => ({ kl_budget: "over budget", silent: "silent", not_a_number: "not a number" })[mark.kind];
  draw(plot, traces, {
    large: figure.dataset.size === "l", revision, room: ends.length ? 12 + 6.4 * Math.max(...ends.map((end) => end.text.length)) : 8,
    labels: [...labels(ends, plot.clientHeight), ...marks.filter((mark) => mark.own && !several).flatMap((mark) => weight(mark.x, `${flag(mark)}, ${number(mark.step)}`)), ...levels.map((row) => row.label)],
    shapes: [...marks.map((mark) => plumb(mark.x, { faint: several || !mark.own || !mark.open })), ...levels.map((row) => row.shape), ...broken.slice(0, 50).map((x) => plumb(x, { token: "bad", faint: true }))],
    x: { tickformat: axis === "time" ? "" : axis === "tokens" ? "~s" : ",d", ticksuffix: axis === "time" ? " s" : "", unifiedhovertitle: { text: axis === "step" ? "step %{x:,d}" : axis === "tokens" ? "%{x:.3~s} tokens" : "%{x:,.0f} s" }, range: range.x },
    y: { range: range.y, tickformat: share ? "~%" : range.top && range.top < 1e-3 ? "~e" : "", exponentformat: "e", minexponent: 4 },
  });
  const output = figure.querySelector(".last");
  const spread = several ? undefined : rows.find((row) => row.role === "spread");
  output.textContent = spread && said.length ? `${said[0]} ± ${number(lastOf(spread.feed.series[spread.key].y))}` : said.join(", ") || "–";
  plot.setAttribute("aria-label", `${figure.querySelector("h3").textContent} by ${axis}, now ${output.textContent}`);
  if (broken.length) output.append(Object.assign(document.createElement("span"), { className: "broken", textContent: "not a number" }));
};
