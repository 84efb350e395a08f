import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { ApiProblem } from "#lib/client/api-client.ts";
import type { Trigger } from "#lib/domain/release/plan-parts.ts";
import { TriggerEditor } from "./trigger-editor.tsx";

const trigger: Trigger = { metric: "errorRate", threshold: 0.05, seconds: 60, intervals: 3, minRequests: 50, action: "roll_back" };
const draw = (triggers: readonly Trigger[], problem: ApiProblem | null = null) =>
  renderToStaticMarkup(<TriggerEditor triggers={triggers} onChange={() => undefined} problem={problem} />);
const valueOf = (html: string, label: string) =>
  /value="([^"]*)"/.exec([...html.matchAll(/<input[^>]*>/g)].find(([input]) => input.includes(`aria-label="${label}"`))?.[0] ?? "")?.[1];

describe("the trigger editor", () => {
  it("says what decides where no trigger is declared", () => {
    expect(draw([])).toContain("No triggers");
  });

  it("shows shares as percent, milliseconds as they are, and which side is bad", () => {
    expect(valueOf(draw([trigger]), "Threshold of trigger 1, %")).toBe("5");
    expect(draw([trigger])).toContain("above");
    expect(valueOf(draw([{ ...trigger, metric: "latencyP95Ms", threshold: 250 }]), "Threshold of trigger 1, ms")).toBe("250");
    expect(valueOf(draw([{ ...trigger, metric: "meanValue", threshold: -2.5 }]), "Threshold of trigger 1")).toBe("-2.5");
    expect(draw([{ ...trigger, metric: "agreement", threshold: 0.9 }])).toContain("below");
  });

  it("reads each trigger out as a sentence, with a button of its own to remove it", () => {
    const html = draw([trigger, { ...trigger, metric: "featureDrift", threshold: 0.3 }]);
    expect(html).toContain("3 intervals in a row of 1 min, at least 50 requests each");
    expect(html.match(/Remove<span class="vh"> trigger \d/g)).toHaveLength(2);
  });

  it("says what is wrong with a trigger, and leaves other problems of the plan to the steps", () => {
    const problemAt = (pointer: string) =>
      new ApiProblem(400, { message: "No.", code: "invalid_input", fields: [{ pointer, message: "A share from 0 to 1." }], hint: null, requestId: null });
    expect(draw([trigger], problemAt("/plan/triggers/0/threshold"))).toContain("A share from 0 to 1.");
    expect(draw([trigger], problemAt("/plan/steps/0/weightBp"))).not.toContain("A share from 0 to 1.");
  });
});
