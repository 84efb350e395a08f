import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { GuardView } from "#lib/contracts/views/guard-view.ts";
import { guards } from "../releases/guard-view.fixture.ts";
import { ArmsChart } from "./arms-chart.tsx";
import { RatioChart, type RatioChartProps } from "./ratio-chart.tsx";
import { MiniGauge, RatioGauge } from "./ratio-gauge.tsx";

const guard = guards[0]!;
const last = Date.parse(guard.ratioSeries.at(-1)!.at);
const props: RatioChartProps = {
  guard,
  steps: [
    { index: 0, weightBp: 500, fromMs: Date.parse(guard.ratioSeries[0]!.at), toMs: last - 600_000 },
    { index: 1, weightBp: 1000, fromMs: last - 600_000, toMs: last },
  ],
  flags: [{ flag: 1, atMs: last - 600_000 }],
  fromMs: Date.parse(guard.ratioSeries[0]!.at),
  nowMs: last,
  moving: true,
  timeZone: "Europe/London",
  size: "wide",
  crosshairMs: null,
};
const draw = (over: Partial<RatioChartProps> = {}) =>
  renderToStaticMarkup(<RatioChart {...props} {...over} />);
const noNumbersMissing = (svg: string) => expect(svg).not.toMatch(/NaN|Infinity|undefined/);

describe("the ratio chart", () => {
  it("draws band, limit, the line of equal arms, steps, flags and now without a browser", () => {
    const svg = draw();
    for (const part of [
      "f-band",
      "url(#hatch)",
      "l-limit",
      "l-zero",
      "l-cand",
      "LIMIT 2×",
      "10\u00a0%",
      ">now<",
      "l-flag",
    ]) {
      expect(svg).toContain(part);
    }
    noNumbersMissing(svg);
  });

  it("says in one sentence what it shows", () => {
    expect(draw()).toContain(`aria-label="${guard.summary.replaceAll("'", "&#x27;")}"`);
  });

  it("draws times in the reader's zone", () => {
    expect(draw()).toContain(">13:50<");
    expect(draw({ timeZone: "Asia/Tokyo" })).toContain(">22:50<");
  });

  it("shows where the band is expected to come inside only while undecided and moving", () => {
    expect(draw()).toContain("l-proj");
    expect(draw({ moving: false })).not.toContain("l-proj");
    expect(draw({ guard: { ...guard, word: "SAFE" } })).not.toContain("l-proj");
    expect(draw({ moving: false })).toContain(">end<");
  });

  it("leaves the band open and says what is needed while there is no ratio", () => {
    const empty: GuardView = {
      ...guard,
      word: "NO_DATA",
      band: { estimate: null, low: null, high: null },
      unitsNeeded: 1900,
      ratioSeries: guard.ratioSeries
        .slice(0, 3)
        .map((point) => ({ ...point, estimate: null, low: null, high: null })),
    };
    const svg = draw({ guard: empty });
    expect(svg).toContain("No ratio yet");
    expect(svg).toContain("needs 1,900 more");
    noNumbersMissing(svg);
  });

  it("copes with a series of one point and with none", () => {
    noNumbersMissing(draw({ guard: { ...guard, ratioSeries: guard.ratioSeries.slice(0, 1) } }));
    noNumbersMissing(draw({ guard: { ...guard, ratioSeries: [] }, nowMs: props.fromMs }));
  });

  it("has a narrow drawing of its own", () => {
    expect(draw({ size: "narrow" })).toContain('viewBox="0 0 352 230"');
  });
});

describe("the gauge", () => {
  it("puts a higher ratio higher and keeps labels apart", () => {
    const svg = renderToStaticMarkup(
      <RatioGauge
        name="p95 latency"
        band={{ estimate: 1.95, low: 1.2, high: 2.6 }}
        limits={{ upper: 2, lower: null }}
      />,
    );
    const y = (className: string) =>
      Number(
        /y="([\d.]+)" class="X"/.exec(svg.replaceAll(`class="${className}"`, 'class="X"'))?.[1],
      );
    expect(Math.abs(y("t-limit") - y("t-cand"))).toBeGreaterThanOrEqual(14.9);
    expect(y("t-limit")).toBeLessThan(y("t-cand"));
  });

  it("names measure, band and limit for those who do not see it", () => {
    const svg = renderToStaticMarkup(
      <MiniGauge
        name="Wrong labels"
        band={{ estimate: 4.4, low: 3.1, high: null }}
        limits={{ upper: 2, lower: null }}
      />,
    );
    expect(svg).toContain(
      'aria-label="Wrong labels: candidate over stable 4.40×, band above 3.10, limit 2×"',
    );
  });

  it("draws two limits where there are two sides", () => {
    const svg = renderToStaticMarkup(
      <RatioGauge
        name="Classes"
        band={{ estimate: null, low: null, high: null }}
        limits={{ upper: 1.25, lower: 0.8 }}
      />,
    );
    expect(svg).toContain("1.25×");
    expect(svg).toContain("0.8×");
    noNumbersMissing(svg);
  });
});

describe("the arms chart", () => {
  const arms = (points: GuardView["arms"]["points"], unit: "%" | "ms" = "%") =>
    renderToStaticMarkup(
      <ArmsChart
        name="Error rate"
        arms={{ unit, rollingSeconds: 20, points }}
        steps={[]}
        fromMs={0}
        nowMs={60_000}
        timeZone="UTC"
        size="wide"
        crosshairMs={null}
      />,
    );
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();

  it("leaves a gap where an arm served nothing", () => {
    const svg = arms(
      [0, 10, 20, 30, 40].map((s) => ({ at: at(s), stable: 1, candidate: s === 20 ? null : 2 })),
    );
    expect(svg.match(/class="l-cand"/g)).toHaveLength(2);
    expect(svg.match(/class="l-stab"/g)).toHaveLength(1);
  });

  it("starts shares at zero and says both last values", () => {
    const svg = arms([
      { at: at(0), stable: 0.2, candidate: 0.3 },
      { at: at(10), stable: 0.24, candidate: 0.17 },
    ]);
    expect(svg).toContain(">0.0<");
    expect(svg).toContain("stable 0.24, candidate 0.17 %.");
  });

  it("draws a flat line of zeros", () => {
    noNumbersMissing(
      arms([
        { at: at(0), stable: 0, candidate: 0 },
        { at: at(10), stable: 0, candidate: 0 },
      ]),
    );
  });

  it("says so when nothing was measured", () => {
    expect(arms([])).toContain("Nothing measured yet.");
  });
});
