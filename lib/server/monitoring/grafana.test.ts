import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONTROL_METRICS, metricsText } from "./metrics-text.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const NAME = /\bslipway_[a-z0-9_]+/g;

/** Names that the runtime's exporter is written with. */
function runtimeNames(): ReadonlySet<string> {
  const files = readdirSync(new URL("runtime/metrics/", ROOT)).filter((name) => name.endsWith(".ts") && !name.includes(".test."));
  return new Set(files.flatMap((name) => [...read(`runtime/metrics/${name}`).matchAll(/"(slipway_[a-z0-9_]+)"/g)].map(([, found]) => found ?? "")));
}

describe("the dashboard for Grafana", () => {
  const dashboard: unknown = JSON.parse(read("docs/grafana/slipway.json"));
  const text = JSON.stringify(dashboard);

  it("asks only for metrics that are exported", () => {
    const runtime = runtimeNames();
    const asked = [...new Set([...text.matchAll(NAME)].map(([name]) => name.replace(/_(bucket|sum|count)$/, "")))];
    expect(asked.length).toBeGreaterThanOrEqual(10);
    expect(asked.filter((name) => !Object.hasOwn(CONTROL_METRICS, name) && !runtime.has(name))).toEqual([]);
  });

  it("has a title and a query in every panel", () => {
    const { panels } = dashboard as { panels: { title: string; targets: { expr: string }[] }[] };
    for (const { title, targets } of panels) {
      expect(title).not.toBe("");
      expect(targets.every(({ expr }) => expr.includes("slipway_"))).toBe(true);
    }
  });
});

describe("metrics as text", () => {
  it("groups samples by name and escapes labels", () => {
    const lines = metricsText([
      { name: "slipway_drift_score", labels: { feature: 'a"b\\c\nd' }, value: 0.5 },
      { name: "slipway_runtimes_live", labels: {}, value: 2 },
    ]).split("\n");
    expect(lines).toContain('slipway_drift_score{feature="a\\"b\\\\c\\nd"} 0.5');
    expect(lines).toContain("slipway_runtimes_live 2");
    for (const line of lines.filter((one) => one !== "")) expect(line).toMatch(/^(# (HELP|TYPE) slipway_[a-z_]+ .+|slipway_[a-z_]+(\{([a-z]+="(\\.|[^"\\])*",?)*\})? -?[\d.e+-]+)$/);
    expect(lines.filter((line) => line.startsWith("# TYPE"))).toHaveLength(Object.keys(CONTROL_METRICS).length);
  });
});
