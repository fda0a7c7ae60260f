// Panels drawn from the catalogue's groups: what a line is (its role) decides how it looks, never which method it is of.
import { band, colour, draw, endLabel, level, line, plumb, raw, weight } from "./charts.js";
import { envelope, smoothed } from "./feed.js";

const DASHES = ["solid", "dash", "dot", "dashdot"];
const TOKENS = { main: "data-1", a: "data-1", b: "data-2", held_out: "data-2", low: "data-rest", high: "data-rest", spread: "data-1" };
const HIDDEN = new Set(["spread"]);
const ASIDE = new Set(["source", "low", "high"]); // beside the main line of one run; over several they would be a thicket
const EVIDENCE = new Set(["reward", "length"]); // panels in which an alert of another metric leaves a faint line
const FLAGS = { kl_budget: "over budget", silent: "silent", not_a_number: "not a number" };
const LABEL_HEIGHT = 13, MOST_BROKEN = 50;

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
const labels = (ends, height, [low, high]) => {
  const perUnit = height / (high - low);
  let above = -Infinity;
  return ends.sort((a, b) => a.y - b.y).map((end) => {
    const wanted = end.y * perUnit, placed = Math.max(wanted, above + LABEL_HEIGHT);
    above = placed;
    return endLabel(end.x, end.y, end.text, end.token, placed - wanted);
  });
};

// All of the run and all that is drawn, with a little room; a constant gets room around it.
const rangesOf = (feeds, traces, levels) => {
  const ends = finite(feeds.flatMap((feed) => Object.values(feed.series).flatMap(({ x }) => [x[0], x.at(-1)])));
  const y = [...finite(traces.flatMap((trace) => trace.y)), ...levels.map((row) => row.y)];
  const low = Math.min(...y), high = Math.max(...y), room = 0.06 * (high - low) || Math.abs(low) || 1;
  return { x: [Math.min(0, ...ends), Math.max(1, ...ends)], y: y.length ? [low - room, high + room] : [0, 1], top: Math.max(Math.abs(low), Math.abs(high)) };
};

// Which lines are drawn: over several runs only the main ones, and none that a band already shows.
const drawnOf = (rows, several) => {
  const aside = (role) => (several ? ASIDE.has(role) && rows.some((row) => row.role === "main") : banded(rows) && (role === "low" || role === "high"));
  return rows.filter((row) => !HIDDEN.has(row.role) && !aside(row.role));
};

// Traces of the lines, their names at the right edge, and their newest values in words.
const linesDrawn = (rows, { several, half, behind, share }) => {
  const found = { traces: [], ends: [], said: [], broken: [] }, shown = drawnOf(rows, several), named = several || shown.length > 1;
  const rightmost = Math.max(...shown.map((row) => row.feed.series[row.key].x.at(-1)));
  for (const row of shown) {
    const series = row.feed.series[row.key], { token, dash } = lookOf(row, several, rows), sparse = row.role === "held_out";
    const y = sparse ? series.y : smoothed(series, row.feed.width, half), end = lastOf(y);
    const name = several ? `${row.feed.name}${row.at ? `, ${row.name}` : ""}` : named ? row.name : "";
    if (behind && !sparse && (half || series.n.some((count) => count > 1))) found.traces.push(raw(envelope(series), token));
    found.traces.push(line(series.x, y, token, { name, mode: sparse ? "lines+markers" : "lines", line: { dash } }));
    series.broken.forEach((count, at) => { if (count) found.broken.push(series.x[at]); });
    if (end === undefined || (several && row.at)) continue;
    if (named && (!several || series.x.at(-1) > 0.92 * rightmost)) found.ends.push({ x: series.x.at(-1), y: end, text: several ? row.feed.name : row.name, token });
    found.said.push({ role: row.role, text: number(lastOf(series.y), share) });
  }
  return found;
};

// The newest values: of the main lines where there are some.
const words = (said, rows, several) => {
  const chief = said.filter((row) => ["main", "a", "b"].includes(row.role)), texts = (chief.length ? chief : said).slice(0, several ? 6 : 2).map((row) => row.text);
  const spread = several ? undefined : rows.find((row) => row.role === "spread");
  return spread && texts.length ? `${texts[0]} ± ${number(lastOf(spread.feed.series[spread.key].y))}` : texts.join(", ") || "–";
};

const alertsOf = (panel, keys, feeds, first) => feeds.flatMap((feed) => feed.alerts.flatMap((alert) => {
  const own = alert.metric ? keys.has(alert.metric) : first;
  return own || EVIDENCE.has(panel) ? [{ ...alert, own, x: feed.place(alert.step) }] : [];
}));

// Levels such as a budget, unless the curve is so far below that they would flatten it.
const levelsOf = (feed, keys) => feed.levels.filter((row) => keys.has(row.key) && row.y <= 3 * Math.max(0, ...finite(feed.series[row.key]?.high ?? [])));

const horizontal = (axis) => ({
  step: { tickformat: ",d", unifiedhovertitle: { text: "step %{x:,d}" } },
  tokens: { tickformat: "~s", unifiedhovertitle: { text: "%{x:.3~s} tokens" } },
  time: { ticksuffix: " s", unifiedhovertitle: { text: "%{x:,.0f} s" } },
})[axis];

export const drawPanel = (figure, feeds, { half, behind, axis, first, revision }) => {
  const rows = linesOf(figure.dataset.panel, feeds), logged = feeds.some((feed) => Object.keys(feed.series).length);
  figure.hidden = logged && !rows.length;
  if (!rows.length) return;
  const plot = figure.querySelector(".plot"), output = figure.querySelector(".last");
  const several = feeds.length > 1, share = figure.dataset.unit.startsWith("share"), keys = new Set(rows.map((row) => row.key));
  const { traces, ends, said, broken } = linesDrawn(rows, { several, half, behind, share });
  if (!several) traces.unshift(...bands(rows, half));
  const marks = alertsOf(figure.dataset.panel, keys, feeds, first), levels = levelsOf(feeds[0], keys), range = rangesOf(feeds, traces, levels);
  const lines = levels.map((row) => level(row.y, row.text)), flags = several ? [] : marks.filter((mark) => mark.own);
  draw(plot, traces, {
    large: figure.dataset.size === "l", revision, room: ends.length ? 12 + 6.4 * Math.max(...ends.map((end) => end.text.length)) : 8,
    labels: [...labels(ends, plot.clientHeight - 32, range.y), ...flags.flatMap((mark) => weight(mark.x, `${FLAGS[mark.kind]}, ${number(mark.step)}`)), ...lines.map((row) => row.label)],
    shapes: [...marks.map((mark) => plumb(mark.x, { faint: several || !mark.own || !mark.open })), ...lines.map((row) => row.shape), ...broken.slice(0, MOST_BROKEN).map((x) => plumb(x, { token: "bad", faint: true }))],
    x: { ...horizontal(axis), range: range.x },
    y: { range: range.y, tickformat: share ? "~%" : range.top && range.top < 1e-3 ? "~e" : "", exponentformat: "e", minexponent: 4 },
  });
  output.textContent = words(said, rows, several);
  if (broken.length) output.append(Object.assign(document.createElement("span"), { className: "broken", textContent: "not a number" }));
  plot.setAttribute("aria-label", `${figure.querySelector("h3").textContent} by ${axis}, now ${output.textContent}`);
};
