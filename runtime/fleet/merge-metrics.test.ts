import { describe, expect, it } from "vitest";
import { mergeMetrics } from "./merge-metrics.ts";

const textOf = (
  requests: number,
  epoch: number,
  slow: number,
) => `# HELP slipway_requests_total Answered.
# TYPE slipway_requests_total counter
slipway_requests_total{endpoint="a b",code="200"} ${requests}
# HELP slipway_router_epoch Epoch.
# TYPE slipway_router_epoch gauge
slipway_router_epoch{endpoint="a b"} ${epoch}
# HELP slipway_seconds Time.
# TYPE slipway_seconds histogram
slipway_seconds_bucket{le="0.1"} ${requests - slow}
slipway_seconds_bucket{le="+Inf"} ${requests}
slipway_seconds_count ${requests}
`;

describe("metrics of several processes", () => {
  it("add up counts and buckets, and keep what is the same everywhere", () => {
    expect(mergeMetrics([textOf(3, 7, 1), textOf(5, 6, 0)])).toBe(textOf(8, 7, 1));
  });

  it("keep series that only one process has, and drop what is no sample", () => {
    const merged = mergeMetrics([textOf(1, 1, 0), 'other_total{x="1"} 4\nnonsense here now\n']);
    expect(merged).toContain('other_total{x="1"} 4');
    expect(merged).not.toContain("nonsense");
  });
});
