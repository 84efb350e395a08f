import { z } from "zod";
import { evaluationResult } from "#lib/contracts/evaluation.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { recordFacts } from "../governance/record-facts.ts";
import { newId } from "../new-id.ts";
import { systemActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { documentOf, evaluatedFacts, EVALUATION_PRODUCER } from "./evaluation-facts.ts";
import { faultsOf } from "./judge-evaluation.ts";
import { locateEvaluation } from "./locate-evaluation.ts";
import { sayReport } from "./say-evaluation.ts";

/** Takes what came of an evaluation, once and only from the holder of its lease: the report, and what it proves as evidence of the version. */
export const recordEvaluation = command({
  name: "record-evaluation",
  permission: "runtime:serve",
  input: z.strictObject({ evaluationId: z.uuid(), result: evaluationResult }),
  locate: ({ tx, input: { evaluationId } }) => locateEvaluation(tx, { id: evaluationId }),
  async run({ tx, input: { evaluationId, result }, now, located: { evaluation, version, targets } }) {
    const { leaseToken, report, problem } = result;
    const startedAt = await tx.evaluationWork.leaseBegan({ evaluationId, leaseToken });
    if (evaluation.state !== "open" || startedAt === null) return unchanged({ accepted: false });
    if (report === null) {
      const why = problem ?? "The runtime did not say why.";
      await tx.evaluations.endEvaluation(evaluation, { state: "failed", startedAt, finishedAt: now, problem: why });
      return { result: { accepted: true }, audit: { action: "evaluation.failed", targets, reason: why, after: { state: "failed" } } };
    }
    const faults = faultsOf(report, evaluation.settings);
    await tx.evaluations.endEvaluation(evaluation, { state: "succeeded", startedAt, finishedAt: now, report, faults });
    const { settings, dataDigest, number } = evaluation;
    const inputsHash = contentDigest(asJson({ version: version.digest, data: dataDigest, settings }));
    const verdict = faults.length === 0 ? "passed" : "failed";
    const summary = `${sayReport(`${version.modelName} ${version.name}`, report, settings)}${faults.length === 0 ? "" : ` ${faults.join(" ")}`}`;
    const evidenceId = newId();
    await tx.evidence.insertEvidence({
      ...EVALUATION_PRODUCER,
      id: evidenceId,
      kind: "held_out_evaluation",
      verdict,
      summary: summary.slice(0, 2000),
      details: { evaluation: asJson(documentOf({ evaluation, report, startedAt })), number, data: dataDigest },
      inputsHash,
      subjectType: "version",
      subjectId: version.id,
      subjectDigest: version.digest,
      expiresAt: null,
    });
    const measured: AuditDraft = {
      action: "evidence.recorded",
      targets: [{ type: "evidence", id: evidenceId, name: "held_out_evaluation", digest: null }, ...targets],
      after: { kind: "held_out_evaluation", verdict, summary, inputsHash },
    };
    const facts = await recordFacts(tx, evaluatedFacts({ evaluation, version, report, startedAt, inputsHash }), { ...EVALUATION_PRODUCER, targets, now });
    return {
      result: { accepted: true },
      audit: [{ action: "evaluation.succeeded", targets, after: { state: "succeeded", rows: report.rows.measured, faults, report: contentDigest(asJson(report)) } }, measured, ...facts],
    };
  },
});

/** Ends an evaluation before it is through; the runtime that has it puts it down within seconds. */
export const cancelEvaluation = command({
  name: "cancel-evaluation",
  permission: "version:evaluate",
  input: z.strictObject({ number: z.number().int().positive(), reason: z.string().trim().max(2000).nullable().default(null) }),
  locate: ({ tx, input: { number } }) => locateEvaluation(tx, { number }),
  async run({ tx, input: { number, reason }, now, located: { evaluation, targets } }) {
    if (evaluation.state === "cancelled") return unchanged({ number, state: evaluation.state });
    if (evaluation.state !== "open") throw new AppError("illegal_transition", `Evaluation ${number} has ended.`);
    await tx.evaluations.endEvaluation(evaluation, { state: "cancelled", startedAt: evaluation.startedAt, finishedAt: now, problem: reason ?? "Cancelled." });
    return { result: { number, state: "cancelled" as const }, audit: { action: "evaluation.cancelled", targets, reason, after: { state: "cancelled" } } };
  },
});

const giveUp = command({
  name: "give-up-evaluation",
  permission: "version:evaluate",
  input: z.strictObject({ number: z.number() }),
  locate: ({ tx, input: { number } }) => locateEvaluation(tx, { number }),
  async run({ tx, now, located: { evaluation, targets } }) {
    if (evaluation.state !== "open") return unchanged(null);
    const problem = "Three runtimes ended while they carried it out. Look at what their logs say, or send fewer rows.";
    await tx.evaluations.endEvaluation(evaluation, { state: "failed", startedAt: null, finishedAt: now, problem });
    return { result: null, audit: { action: "evaluation.failed", targets, reason: problem, after: { state: "failed" } } };
  },
});

/** Gives up evaluations that ended as many runtimes as may be tried. Safe to run anywhere and twice. */
export async function giveUpStuckEvaluations(store: Store): Promise<void> {
  for (const number of await store.read((db) => db.evaluationWork.stuckEvaluations())) await giveUp(store)(systemActor("Evaluations"), { number });
}
