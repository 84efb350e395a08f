import fc from "fast-check";
import { expect, it } from "vitest";
import { configurationProblems, DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration, versionSettings } from "./runtime-configuration.ts";

const MIB = 1024 * 1024;
type Part = { readonly [K in keyof RuntimeConfiguration]?: Partial<RuntimeConfiguration[K]> };
const configured = (part: Part): RuntimeConfiguration => ({
  limits: { ...DEFAULT_RUNTIME_CONFIGURATION.limits, ...part.limits },
  batching: { ...DEFAULT_RUNTIME_CONFIGURATION.batching, ...part.batching },
  hosts: { ...DEFAULT_RUNTIME_CONFIGURATION.hosts, ...part.hosts },
  environment: { ...DEFAULT_RUNTIME_CONFIGURATION.environment, ...part.environment },
  scaling: { ...DEFAULT_RUNTIME_CONFIGURATION.scaling, ...part.scaling },
});
const pointersOf = (part: Part) => configurationProblems(configured(part)).map(({ pointer }) => pointer);

it("takes the defaults and a plain configuration", () => {
  expect(configurationProblems(DEFAULT_RUNTIME_CONFIGURATION)).toEqual([]);
  expect(pointersOf({ limits: { maxConcurrency: 64, maxQueued: 64, timeoutMs: 500 }, batching: { mode: "fixed", maxRows: 32, preferredRows: [8, 32], maxDelayUs: 2000 } })).toEqual([]);
});

it.each<[Part, string]>([
  [{ limits: { maxConcurrency: 10, maxQueued: 11 } }, "/limits/maxQueued"],
  [{ batching: { mode: "fixed" } }, "/batching/maxRows"],
  [{ batching: { mode: "off", maxDelayUs: 1 } }, "/batching/mode"],
  [{ batching: { preferredRows: [8, 4] } }, "/batching/preferredRows"],
  [{ batching: { preferredRows: [8, 8] } }, "/batching/preferredRows"],
  [{ batching: { maxRows: 16, preferredRows: [32] } }, "/batching/preferredRows"],
  [{ limits: { timeoutMs: 5 }, batching: { maxDelayUs: 5000 } }, "/batching/maxDelayUs"],
  [{ hosts: { memoryLimitBytes: 64 * MIB } }, "/hosts/memoryLimitBytes"],
])("says where %j contradicts itself", (part, pointer) => {
  expect(pointersOf(part)).toEqual([pointer]);
});

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const anyConfiguration = fc
  .record({
    timeoutMs: nullable(fc.integer({ min: 1, max: 60_000 })),
    mode: fc.constantFrom("measured" as const, "fixed" as const, "off" as const),
    maxRows: fc.integer({ min: 2, max: 128 }),
    preferredRows: fc.uniqueArray(fc.integer({ min: 1, max: 128 }), { maxLength: 4 }),
    maxDelayUs: fc.integer({ min: 0, max: 500 }),
    count: fc.integer({ min: 1, max: 8 }),
    memoryMib: nullable(fc.integer({ min: 96, max: 4096 })),
    refuse: fc.boolean(),
  })
  .map(({ timeoutMs, mode, maxRows, preferredRows, maxDelayUs, count, memoryMib, refuse }) =>
    configured({
      limits: { timeoutMs },
      batching:
        mode === "off"
          ? { mode }
          : { mode, maxRows, preferredRows: preferredRows.filter((rows) => rows <= maxRows).sort((a, b) => a - b), maxDelayUs },
      hosts: { count, memoryLimitBytes: memoryMib === null ? null : memoryMib * MIB },
      environment: { onLockMismatch: refuse ? "refuse" : "flag" },
    }),
  )
  .filter((configuration) => configurationProblems(configuration).length === 0);

it("loads a version that several endpoints share so that none gets less than it asks for, and none a batch or delay it did not allow", () => {
  fc.assert(
    fc.property(fc.array(anyConfiguration, { minLength: 1, maxLength: 5 }), (all) => {
      const { hosts, batching, environment, timeoutMs } = versionSettings(all);
      for (const one of all) {
        expect(hosts.count).toBeGreaterThanOrEqual(one.hosts.count);
        if (hosts.memoryLimitBytes !== null) expect(hosts.memoryLimitBytes).toBeGreaterThanOrEqual(one.hosts.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
        expect(batching.maxDelayUs).toBeLessThanOrEqual(one.batching.maxDelayUs);
        if (one.batching.mode === "off") expect(batching.mode).toBe("off");
        else if (batching.mode !== "off") expect(batching.maxRows ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(one.batching.maxRows ?? Number.POSITIVE_INFINITY);
        if (one.environment.onLockMismatch === "refuse") expect(environment.onLockMismatch).toBe("refuse");
        if (one.limits.timeoutMs !== null) expect(timeoutMs).toBeGreaterThanOrEqual(one.limits.timeoutMs);
      }
      // What comes out is itself free of contradictions, whatever went in.
      expect(configurationProblems({ ...configured({}), batching, hosts, environment })).toEqual([]);
    }),
    { seed: 20261130, numRuns: 500 },
  );
});

it("keeps one endpoint's settings as they are", () => {
  fc.assert(
    fc.property(anyConfiguration, (one) => {
      const { batching, hosts, environment } = versionSettings([one]);
      expect({ batching, hosts, environment }).toEqual({ batching: one.batching, hosts: one.hosts, environment: one.environment });
    }),
    { seed: 20261130, numRuns: 200 },
  );
});
