import { expect, it } from "vitest";
import { codesToAccept, servingDecision, type ServingGround } from "./serving-decision.ts";

const NOW = Date.UTC(2026, 10, 30);
const warn = { code: "pickle_unknown_import", severity: "warn" } as const;
const good: ServingGround = {
  format: "pickle",
  findings: [warn, { code: "pickle_frameworks", severity: "note" }],
  target: { name: "mlserver-1", isIsolated: true },
  acceptance: { codes: ["pickle_unknown_import"], untilMs: NOW + 1 },
  nowMs: NOW,
};

it.each<[string, Partial<ServingGround>, RegExp | "runtime" | "target"]>([
  ["an ONNX graph in the runtime", { format: "onnx", target: null, acceptance: null }, "runtime"],
  ["an ONNX graph on a server of others", { format: "onnx", acceptance: null }, "target"],
  ["PMML on no server", { format: "pmml", target: null }, /does not evaluate PMML/],
  ["PMML on a server, isolated or not", { format: "pmml", target: { name: "jpmml", isIsolated: false }, acceptance: null }, "target"],
  ["a SavedModel on a server", { format: "savedmodel", acceptance: null }, "target"],
  ["an accepted pickle on an isolated server", {}, "target"],
  ["a pickle on no server", { target: null }, /signed risk acceptance/],
  ["a pickle on a server that is not isolated", { target: { name: "mlserver-1", isIsolated: false } }, /not declared as isolated/],
  ["a pickle whose risk nobody accepted", { acceptance: null }, /nobody has signed/],
  ["a clean pickle whose risk nobody accepted", { acceptance: null, findings: [] }, /nobody has signed/],
  ["a pickle whose acceptance ran out", { acceptance: { codes: [warn.code], untilMs: NOW } }, /ran out on 2026-11-30/],
  ["a pickle with a finding that was not there when it was accepted", { findings: [warn, { code: "nested_pickle", severity: "warn" }] }, /nested_pickle is new/],
  ["a dangerous pickle, whatever was signed", { findings: [{ code: "pickle_dangerous_import", severity: "block" }] }, /No acceptance covers that/],
  ["what nobody knows", { format: "tar", target: null }, /Nothing here serves/],
])("%s", (_what, over, expected) => {
  const decision = servingDecision({ ...good, ...over });
  if (typeof expected === "string") expect(decision).toEqual({ isServed: true, by: expected });
  else {
    expect(decision.isServed).toBe(false);
    expect(decision.isServed ? "" : decision.reason).toMatch(expected);
    expect(decision.isServed ? "" : decision.hint).not.toBe("");
  }
});

it("asks for acceptance of what asks for a look, once each", () => {
  expect(codesToAccept([warn, warn, { code: "a", severity: "note" }])).toEqual(["pickle_unknown_import"]);
});
