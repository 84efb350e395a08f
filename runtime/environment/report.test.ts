import { describe, expect, it } from "vitest";
import { registerRuntimeRequest } from "#lib/contracts/runtime-protocol.ts";
import { lockDifferences, reportEnvironment } from "./report.ts";

describe("the environment a runtime reports", () => {
  it("is what is installed here, in the form that the control plane takes", () => {
    const environment = reportEnvironment();
    expect(environment.node).toBe(process.versions.node);
    expect(environment.onnxRuntime).toMatch(/^\d+\.\d+\.\d+/);
    expect(environment.executionProviders).toContain("cpu");
    expect(environment.packageLock).toMatch(/^sha256:/);
    expect(registerRuntimeRequest.shape.environment.parse(environment)).toEqual(environment);
  });

  it("differs from a lock only in libraries that take part in serving", () => {
    const here = { onnxRuntime: "1.30.0", node: "24.21.0" };
    expect(lockDifferences({ numpy: "1.0.0", onnxruntime: "1.30.0" }, here)).toEqual([]);
    expect(lockDifferences({ onnxruntime: "1.22.0", node: "24.21.0" }, here)).toEqual([
      { library: "onnxruntime", locked: "1.22.0", here: "1.30.0" },
    ]);
  });
});
