import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { releaseView, type ReleaseView } from "#lib/contracts/views/release-view.ts";
import { ViewerProvider } from "../shell/viewer-context.tsx";
import { shellFixture } from "../shell/shell-view.fixture.ts";
import { ReleasePage } from "./release-page.tsx";
import {
  bakingRelease,
  pendingRelease,
  rolledBackRelease,
  rollingBackRelease,
} from "./release-variants.fixture.ts";
import { holdingRelease } from "./release-view.fixture.ts";

function page(release: ReleaseView): string {
  const wrap = (children: ReactNode) => (
    <QueryClientProvider client={new QueryClient()}>
      <ViewerProvider shell={shellFixture}>{children}</ViewerProvider>
    </QueryClientProvider>
  );
  return renderToStaticMarkup(wrap(<ReleasePage initial={release} />));
}

const text = (html: string) => html.replaceAll(/<[^>]+>/g, "").replaceAll("\u00a0", " ");
const button = (html: string, label: string) =>
  [...html.matchAll(/<button[^>]*>[\s\S]*?<\/button>/g)]
    .map((match) => match[0])
    .find((one) => text(one).startsWith(label)) ?? "";

describe("the release page, as the server draws it", () => {
  it("has fixtures that are valid views", () => {
    for (const release of [
      holdingRelease,
      pendingRelease,
      rollingBackRelease,
      rolledBackRelease,
      bakingRelease,
    ]) {
      expect(() => releaseView.parse(release)).not.toThrow();
    }
  });

  it("says the sentence first, unchanged, with its cause underlined", () => {
    const html = page(holdingRelease);
    expect(text(html)).toContain(holdingRelease.sentence);
    expect(html).toContain('<span class="why">p95 latency is undecided</span>');
  });

  it("keeps Roll back in the first place in every state and says why where it is closed", () => {
    for (const release of [
      holdingRelease,
      pendingRelease,
      rollingBackRelease,
      rolledBackRelease,
      bakingRelease,
    ]) {
      const html = page(release);
      const bar = html.slice(html.indexOf('class="actionbar is-sticky"'));
      expect(text(bar.slice(0, bar.indexOf("</button>")))).toMatch(/Roll back to 3\.1\.4$/);
      const because = release.actions.rollback.closedBecause;
      expect(button(html, "Roll back").includes('aria-disabled="true"')).toBe(because !== null);
      if (because !== null) expect(text(html)).toContain(because);
    }
  });

  it("never takes a closed act out of the tab order", () => {
    expect(page(pendingRelease)).not.toMatch(/<button[^>]*\sdisabled/);
  });

  it("shows the same numbers in the table as in the view", () => {
    const html = text(page(holdingRelease));
    for (const guard of holdingRelease.guards) {
      expect(html).toContain(guard.name);
      expect(html).toContain(guard.stable.of.toLocaleString("en-GB"));
    }
  });

  it("keeps voided approvals, struck through, with their cause", () => {
    const html = page(holdingRelease);
    expect(html).toContain("<s>Evidence reviewed, residual risk accepted.</s>");
    expect(text(html)).toContain("Void: p95 limit changed from 3 to 2 times stable after signing.");
  });

  it("does not claim that a plan has no guards before the first step", () => {
    expect(text(page(pendingRelease))).toContain("the guards begin to count with the first step");
  });

  it("shows the stopwatch's ticks as measured", () => {
    const running = text(page(rollingBackRelease));
    expect(running).toContain("2 of 3 routers acknowledged");
    expect(running).toContain("Running until the routers confirm");
    const done = text(page(rolledBackRelease));
    expect(done).toContain("3 of 3 routers acknowledged");
    expect(done).toContain("1.42 s");
    expect(done).toContain("9 requests reached the candidate after the order");
  });

  it("offers the owed reason after an emergency rollback", () => {
    expect(button(page(rolledBackRelease), "Write the reason")).toContain("btn-primary");
  });

  it("prints times in the reader's zone with the zone beside them", () => {
    expect(text(page(holdingRelease))).toContain("Started 13:41:30 GMT by Priya Nair");
  });

  it("holds the bake against the rates from before, and says where there is no data", () => {
    const html = text(page(bakingRelease));
    expect(html).toContain("held against the rates before the release");
    expect(html).toContain("No data");
  });
});
