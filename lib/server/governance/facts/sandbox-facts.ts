import type { JobResult } from "#lib/contracts/runtime-protocol.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { LockRecord } from "../../db/dependency-repository.ts";
import type { NewFact } from "../record-facts.ts";
import { versionSubject } from "../subjects.ts";
import { lockedDependencies } from "./version-facts.ts";

export const SANDBOX_PRODUCER = { producer: "Sandbox", producerVersion: "sandbox/2" } as const;

/** What a profile run in a runtime's sandbox proves: it loads, how it behaves under load, and whether its golden answers come back. */
export function profiledFacts(
  version: Pick<VersionRecord, "id" | "digest" | "golden" | "inspection">,
  result: JobResult,
  runtime: { readonly name: string; readonly slipwayVersion: string } | null,
  locks: readonly LockRecord[],
): NewFact[] {
  const { profile } = result;
  const subject = versionSubject(version);
  const where = runtime === null ? "a runtime that is gone" : runtime.name;
  const pinned: NewFact = {
    kind: "serving_runtime_pinned",
    subject,
    summary: profile === null ? `It did not load on ${where}.` : `Loads on ${where}, ONNX Runtime on the CPU, in ${Math.round(profile.loadMs)} ms.`,
    details: {
      runtime: "Slipway runtime, ONNX Runtime",
      runtimeVersion: runtime?.slipwayVersion ?? null,
      provider: "cpu",
      compatible: profile !== null,
      asReported: profile !== null,
    },
  };
  if (profile === null) return [pinned];
  const facts: NewFact[] = [
    pinned,
    {
      kind: "load_test_profile",
      subject,
      summary: `p95 ${profile.latencyMsP95.toFixed(2)} ms over ${profile.runs} runs on ${where}; at most ${Math.round(profile.peakMemoryBytes / 1_048_576)} MiB.`,
      details: { hardware: where, runs: profile.runs, latencyMsP95: profile.latencyMsP95, peakMemoryBytes: profile.peakMemoryBytes, errors: 0, memoryLimitEvents: 0 },
    },
  ];
  const locked = lockedDependencies(version, locks);
  if (locked !== null) {
    facts.push({
      kind: "dependency_lock_present",
      subject,
      summary: `${locked.words} It loads on ${where}.`,
      // A runtime refuses to load a model whose operator sets it does not bring along, so none of them is another one there.
      details: { entries: locked.entries, unpinned: locked.unpinned, mismatched: 0, loadedBy: runtime === null ? null : `${runtime.name}, Slipway ${runtime.slipwayVersion}` },
    });
  }
  const replayed = profile.goldenTotal;
  facts.push({
    kind: "preprocessing_bundle_pinned",
    subject,
    summary:
      version.golden.length === 0
        ? "No golden requests were sent with the version, so nothing could be compared."
        : `The graph holds the preprocessing; ${profile.goldenPassed} of ${replayed} golden answers came back.`,
    details:
      version.golden.length === 0
        ? { preprocessingDigest: version.digest }
        : { preprocessingDigest: version.digest, goldenTotal: replayed, goldenFailed: replayed - profile.goldenPassed },
  });
  return facts;
}
