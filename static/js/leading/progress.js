// The dashboard's three charts. The zoom stays through redraws in another theme.
import { band, draw, line } from "../charts.js";

const root = document.querySelector("#progress-charts");
const told = JSON.parse(root.dataset.chart);
const dates = { type: "date", tickformat: "%-d %b", hoverformat: "%-d %B" };

const span = (values) => {
  const known = values.filter((value) => value !== null);
  const high = Math.max(...known, 0), low = Math.min(...known, 0), room = 0.08 * (high - low) || 1;
  return [low < 0 ? low - room : 0, high + room];
};
const across = (days) => {
  const edge = (day, shift) => new Date(Date.parse(day) + shift * 43_200_000).toISOString().slice(0, 16);
  return [edge(days[0], -1), edge(days.at(-1), 1)];
};

const charts = {
  judgments: () => ({ x: told.days, values: told.judgments, traces: [line(told.days, told.judgments, "data-1", { name: "judgments", mode: "lines+markers" })] }),
  seconds: () => ({ x: told.days, values: told.seconds, traces: [line(told.days, told.seconds, "data-1", { name: "seconds", mode: "lines+markers" })] }),
  alpha: () => ({ x: told.weeks, values: [...told.low, ...told.high, 1], traces: [...band(told.weeks, told.low, told.high, "data-1"), line(told.weeks, told.alpha, "data-1", { name: "α", mode: "lines+markers" })] }),
};

const paint = () => {
  for (const plot of root.querySelectorAll("[data-plot]")) {
    const { x, values, traces } = charts[plot.dataset.plot]();
    if (x.length) draw(plot, traces, { revision: plot.dataset.plot, x: { ...dates, range: across(x) }, y: { range: span(values) } });
  }
};

document.addEventListener("themechange", paint);
paint();
