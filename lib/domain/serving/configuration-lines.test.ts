import { describe, expect, it } from "vitest";
import { configurationDifferences, configurationLines } from "./configuration-lines.ts";
import { DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration } from "./runtime-configuration.ts";

const changed: RuntimeConfiguration = {
  ...DEFAULT_RUNTIME_CONFIGURATION,
  limits: { ...DEFAULT_RUNTIME_CONFIGURATION.limits, timeoutMs: 250 },
  environment: { lock: { onnxruntime: "1.23.0", "a-library": "2.0" }, onLockMismatch: "refuse" },
};

describe("the lines of a runtime configuration", () => {
  it("name every value, with its unit, and say which are the defaults", () => {
    expect(configurationLines(DEFAULT_RUNTIME_CONFIGURATION).every(({ isDefault }) => isDefault)).toBe(true);
    const own = configurationLines(changed).filter(({ isDefault }) => !isDefault);
    expect(own.map(({ value }) => value)).toEqual(["250 ms at most", "a-library 2.0, onnxruntime 1.23.0", "does not load the version"]);
  });

  it("differ only where a value does", () => {
    expect(configurationDifferences(changed, changed)).toEqual([]);
    expect(configurationDifferences(DEFAULT_RUNTIME_CONFIGURATION, changed).map(({ label, before, after }) => [label, before, after])).toEqual([
      ["Time to an answer", "the model host's own limit", "250 ms at most"],
      ["Libraries that a runtime must have", "none named", "a-library 2.0, onnxruntime 1.23.0"],
      ["A runtime with other libraries", "loads it and says so", "does not load the version"],
    ]);
  });
});
