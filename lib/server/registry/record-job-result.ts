import { z } from "zod";
import { jobResult, type JobResult } from "#lib/contracts/runtime-protocol.ts";
import type { AuditDraft, AuditTarget } from "#lib/domain/audit/leaf.ts";
import { notFound } from "#lib/domain/errors.ts";
import { seededRequest } from "#lib/domain/contract/seeded-request.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { EvidenceRecord } from "../db/evidence-repository.ts";
import { type JobRecord, MAX_JOB_ATTEMPTS } from "../db/job-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { profiledFacts, SANDBOX_PRODUCER } from "../governance/facts/sandbox-facts.ts";
import { recordFacts } from "../governance/record-facts.ts";
import { newId } from "../new-id.ts";

const GOLDEN_CASES = 16;
const GOLDEN_TOLERANCE = 1e-4;
const SANDBOX_VERSION = "sandbox/1";

/** The requests a profile run replays: the golden ones, else examples made from the contract. */
export function profileInputs(version: Pick<VersionRecord, "golden" | "signature" | "contract">): unknown[] {
  if (version.golden.length > 0) return version.golden.map(({ request }) => request);
  return Array.from({ length: GOLDEN_CASES }, (_, seed) => seededRequest(version.signature, version.contract, seed + 1));
}

type Fact = Pick<EvidenceRecord, "kind" | "verdict" | "summary" | "details">;

const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

function factsOf(version: VersionRecord, result: JobResult): Fact[] {
  const { profile } = result;
  if (result.outcome !== "succeeded" || profile === null) {
    const summary = `The model did not run in the sandbox: ${result.problem ?? result.outcome}.`;
    return [{ kind: "load_profile", verdict: "failed", summary, details: { outcome: result.outcome, problem: result.problem } }];
  }
  const loaded: Fact = {
    kind: "load_profile",
    verdict: "passed",
    summary: `Loads in ${ms(profile.loadMs)}; p50 ${ms(profile.latencyMsP50)}, p95 ${ms(profile.latencyMsP95)} over ${profile.runs} runs; at most ${mebibytes(profile.peakMemoryBytes)}.`,
    details: { profile: asJson(profile) },
  };
  if (version.golden.length === 0) {
    const recorded: Fact = {
      kind: "golden_replay",
      verdict: "noted",
      summary: `${result.outputs.length} answers recorded as golden answers; every runtime must repeat them. None were sent to compare with.`,
      details: { recorded: result.outputs.length },
    };
    return [loaded, recorded];
  }
  const equal = profile.goldenPassed === profile.goldenTotal;
  const replayed: Fact = {
    kind: "golden_replay",
    verdict: equal ? "passed" : "failed",
    summary: `${profile.goldenPassed} of ${profile.goldenTotal} golden answers repeated within tolerance.`,
    details: { passed: profile.goldenPassed, total: profile.goldenTotal },
  };
  return [loaded, replayed];
}

/** The state the version has after this result; crashes are tried again before it is quarantined. */
function nextState(job: JobRecord, result: JobResult, facts: readonly Fact[]): VersionRecord["state"] | "again" {
  if (result.outcome === "crashed" || result.outcome === "timed_out") {
    return job.attempts < MAX_JOB_ATTEMPTS ? "again" : "quarantined";
  }
  return facts.some(({ verdict }) => verdict === "failed") ? "failed" : "ready";
}

/** What a runtime reports of a profile or try run. A repeated report changes nothing. */
export const recordJobResult = command({
  name: "record-job-result",
  permission: "runtime:serve",
  input: z.strictObject({ jobId: z.uuid(), result: jobResult }),
  async run({ tx, input: { jobId, result }, now }) {
    const job = await tx.jobs.findJob(jobId);
    if (!job) throw notFound();
    const version = await tx.models.getVersionById(job.versionId);
    const target: AuditTarget = { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest };
    const targets = [target, { type: "model", id: version.modelId, name: version.modelName, digest: null }];

    if (job.kind === "try_version") {
      const finished = await tx.jobs.finishJob(jobId, result.outcome === "succeeded" ? "succeeded" : "failed", result);
      if (!finished) return unchanged({ accepted: false });
      return {
        result: { accepted: true },
        notify: [`job:${jobId}`],
        audit: { action: "version.try_answered", targets, after: { jobId, outcome: result.outcome } },
      };
    }

    const facts = factsOf(version, result);
    const state = nextState(job, result, facts);
    if (state === "again") {
      await tx.jobs.returnJob(jobId);
      await tx.desired.bumpDesiredRevision();
      return {
        result: { accepted: true },
        notify: ["desired-state"],
        audit: { action: "profile.ordered", targets, reason: `Attempt ${job.attempts} ended in ${result.outcome}; trying again.` },
      };
    }
    if (!(await tx.jobs.finishJob(jobId, state === "ready" ? "succeeded" : "failed", result))) return unchanged({ accepted: false });

    const inputs = profileInputs(version);
    const recorded =
      version.golden.length === 0 && state === "ready"
        ? inputs.flatMap((request, index) => {
            const response = result.outputs[index];
            return isObject(request) && isObject(response) ? [{ request, response, tolerance: GOLDEN_TOLERANCE }] : [];
          })
        : undefined;
    await tx.models.saveVersionState(
      version,
      { state, quarantined: state === "quarantined", ...(recorded ? { golden: recorded } : {}) },
      now,
    );
    const inputsHash = contentDigest(asJson({ digest: version.digest, inputs }));
    const evidence: AuditDraft[] = [];
    for (const fact of facts) {
      const id = newId();
      await tx.evidence.insertEvidence({
        ...fact,
        id,
        subjectType: "version",
        subjectId: version.id,
        subjectDigest: version.digest,
        producer: "Sandbox",
        producerVersion: SANDBOX_VERSION,
        inputsHash,
        expiresAt: null,
      });
      evidence.push({
        action: "evidence.recorded",
        targets: [{ type: "evidence", id, name: fact.kind, digest: null }, ...targets],
        after: { kind: fact.kind, verdict: fact.verdict, summary: fact.summary, inputsHash },
      });
    }
    const runtimes = job.runtimeId === null ? [] : await tx.runtimes.listRuntimes(now);
    const runtime = runtimes.find(({ id }) => id === job.runtimeId) ?? null;
    evidence.push(...(await recordFacts(tx, profiledFacts(version, result, runtime, await tx.dependencies.locksOf(version.id)), { ...SANDBOX_PRODUCER, targets, now })));
    const quarantine: AuditDraft[] =
      state === "quarantined"
        ? [{ action: "version.quarantined", targets, reason: `Its model host ended in ${result.outcome} ${job.attempts} times.` }]
        : [];
    const [first, ...rest] = [...quarantine, ...evidence];
    if (!first) return unchanged({ accepted: false });
    return { result: { accepted: true }, audit: [first, ...rest] };
  },
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
