import { z } from "zod";
import { command, unchanged } from "../command.ts";
import { contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import { releaseTargets } from "./apply-move.ts";

const runtimeResult = z.strictObject({ runtime: z.string(), passed: z.number().int(), total: z.number().int(), slowestMs: z.number() });

/** What golden inputs gave through the preview of a release, as evidence about it. Once; a later try changes nothing. */
export const recordSmokeTest = command({
  name: "record-smoke-test",
  permission: "evidence:create",
  input: z.strictObject({ releaseId: z.uuid(), inputs: z.enum(["golden", "from_contract"]), results: z.array(runtimeResult).min(1).max(1000) }),
  async locate({ tx, input }) {
    const record = await tx.releases.lockRelease({ id: input.releaseId });
    return { environmentId: record.environmentId, targets: releaseTargets(record), record };
  },
  async run({ tx, input, located: { record } }) {
    const { release } = record;
    const known = await tx.evidence.evidenceOf("release", release.id);
    if (known.some(({ kind }) => kind === "smoke_test") || release.state !== "STEP_ACTIVE") return unchanged({ recorded: false });
    const passed = input.results.reduce((sum, result) => sum + result.passed, 0);
    const total = input.results.reduce((sum, result) => sum + result.total, 0);
    const what = input.inputs === "golden" ? "golden inputs" : "inputs made from the contract";
    const summary = `${passed} of ${total} ${what} answered as expected through the preview, on ${input.results.map(({ runtime }) => runtime).join(", ")}.`;
    const verdict = passed === total ? "passed" : "failed";
    await tx.evidence.insertEvidence({
      id: newId(),
      kind: "smoke_test",
      subjectType: "release",
      subjectId: release.id,
      subjectDigest: release.digest,
      verdict,
      summary,
      details: { passed, total, inputs: input.inputs, runtimes: input.results },
      producer: "Release controller",
      producerVersion: "smoke-test/1",
      inputsHash: contentDigest({ release: release.id, candidate: record.candidateDigest, results: input.results }),
      expiresAt: null,
    });
    return {
      result: { recorded: true },
      audit: { action: "evidence.recorded" as const, targets: releaseTargets(record), after: { kind: "smoke_test", verdict, summary } },
    };
  },
});
