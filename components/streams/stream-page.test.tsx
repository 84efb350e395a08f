import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { streamView, type StreamView } from "#lib/contracts/views/stream-view.ts";
import { shellFixture } from "../shell/shell-view.fixture.ts";
import { ViewerProvider } from "../shell/viewer-context.tsx";
import { StreamPage } from "./stream-page.tsx";
import { runningStream } from "./stream-view.fixture.ts";

const draw = (more: Partial<StreamView> = {}) =>
  renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <ViewerProvider shell={shellFixture}>
        <StreamPage initial={{ ...runningStream, ...more }} />
      </ViewerProvider>
    </QueryClientProvider>,
  );
const text = (html: string) => html.replaceAll(/<[^>]+>/g, " ").replaceAll("\u00a0", " ").replaceAll(/\s+/g, " ");
const button = (html: string, label: string) => [...html.matchAll(/<button[^>]*>[\s\S]*?<\/button>/g)].map(([one]) => one).find((one) => text(one).includes(label)) ?? "";

describe("the page of a stream", () => {
  it("has a fixture that is a valid view", () => {
    expect(() => streamView.parse(runningStream)).not.toThrow();
  });

  it("says the sentence before any figure, and each figure with its unit", () => {
    const words = text(draw());
    expect(words.indexOf(runningStream.say)).toBeGreaterThan(0);
    expect(words.indexOf(runningStream.say)).toBeLessThan(words.indexOf("Partitions"));
    expect(words).toContain("p50 12.3 ms, p99 84.1 ms");
    expect(words).toContain("stable 1.0.0 90 %, candidate 1.1.0 10 %");
    expect(words).toContain("The coordinator is not available.");
  });

  it("shows what a roll back would answer again before it is done, to those too who may not do it", () => {
    const closed = draw({ mayRollBack: { open: false, closedBecause: "Only engineers roll back." } });
    expect(text(closed)).toContain("4,100 records of 2 partitions, partition by partition");
    expect(text(closed)).toContain("0 18,000 20,099 2,100");
    expect(button(closed, "Roll back to epoch 7")).toContain('aria-disabled="true"');
    expect(text(closed)).toContain("Only engineers roll back.");
    expect(button(draw(), "Roll back to epoch 7")).not.toContain("aria-disabled");
  });

  it("calls a roll back applied only when every partition went back", () => {
    expect(text(draw({ rollback: { seq: 2, applied: false, partitions: 2, goneBack: 1 } }))).toContain("Roll back 2 is under way: 1 of 2 partitions went back.");
    expect(text(draw({ rollback: { seq: 2, applied: true, partitions: 2, goneBack: 2 } }))).toContain("Roll back 2 is applied: 2 partitions went back.");
  });

  it("says what is missing while no runtime has taken it up, and offers nothing to go back to", () => {
    const html = draw({ stream: { ...runningStream.stream, health: "waiting", lag: null, latencyMs: null, reportedAt: null }, partitions: [], runtimes: [], replays: [] });
    expect(html).toContain("SLIPWAY_RUNTIME_ROLE=stream");
    expect(text(html)).toContain("unknown: no runtime has reported");
    expect(text(html)).toContain("there is no point to go back to");
    expect(html).not.toContain("Roll back to epoch");
  });

  it("offers Resume to a paused stream, and Pause to any other", () => {
    expect(button(draw(), "Pause")).not.toBe("");
    expect(button(draw({ state: "paused" }), "Resume")).not.toBe("");
    expect(button(draw({ state: "paused" }), "Pause")).toBe("");
  });
});
