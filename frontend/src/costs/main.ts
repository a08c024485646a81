// The cost page's chart. Everything that it shows stands in a table as well; without this script the page is whole.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "../page/base.css";
import "./costs.css";
import { load } from "../page/preferences";
import { applyTheme, onSystemChange } from "../page/theme";
import { columns, type Days, dollars } from "./days";

const HEIGHT = 240;

function colour(name: string): string {
  // The custom properties hold light-dark(); an element's own colour is resolved.
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function options(width: number): uPlot.Options {
  const ink = colour("--ink-quiet");
  const axis = { stroke: ink, grid: { stroke: colour("--edge"), width: 1 }, ticks: { show: false } };
  const bars = uPlot.paths.bars;
  const paths = bars ? { paths: bars({ size: [0.7, 40] }) } : {};
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    // Half a day of room, so that the first and the last bar stand whole.
    scales: {
      x: { range: (_, low, high) => [low - 43_200, high + 43_200] },
      y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] },
    },
    axes: [
      { ...axis, space: 70, values: [[86_400, "{MM}-{DD}", null, null, null, null, null, null, 1]] },
      { ...axis, size: 76, values: (_, ticks) => ticks.map(dollars) },
    ],
    series: [
      { value: "{YYYY}-{MM}-{DD}" },
      {
        label: "Without caches and router",
        stroke: colour("--edge-strong"),
        fill: colour("--accent-soft"),
        points: { show: false },
        value: (_, y) => (y === null ? "" : dollars(y)),
        ...paths,
      },
      {
        label: "Spent",
        stroke: colour("--accent"),
        fill: colour("--accent"),
        points: { show: false },
        value: (_, y) => (y === null ? "" : dollars(y)),
        ...paths,
      },
    ],
  };
}

function draw(place: HTMLElement, days: Days): void {
  let chart: uPlot | null = null;
  const again = () => {
    chart?.destroy();
    chart = new uPlot(options(place.clientWidth), columns(days), place);
  };
  const themed = () => {
    applyTheme(load(navigator.language));
    again();
  };
  new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  onSystemChange(themed);
  themed();
}

const place = document.getElementById("chart");
const data = document.getElementById("chart-data");
if (place && data?.textContent) draw(place, JSON.parse(data.textContent) as Days);
