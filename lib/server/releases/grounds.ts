import { decisionSentence } from "#lib/domain/release/decision-sentence.ts";
import type { Move } from "#lib/domain/release/move.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { Grounds } from "./apply-move.ts";
import type { Observed } from "./observe.ts";

type Circumstances = { readonly personName: string | null; readonly rollbackMs: number | null };

/** What a decision rested on: the verdict with its counts, the bake, or nothing but the facts of the moment. */
export function groundsOf(
  record: ReleaseRecord,
  moved: Move,
  observed: Observed,
  { personName, rollbackMs }: Circumstances,
): Grounds {
  const decision = moved.effects.find((effect) => effect.kind === "record_decision")?.decision;
  if (!decision) throw new Error(`The move ${moved.event} names no decision.`);
  const sentence = decisionSentence(decision, {
    modelName: record.modelName,
    versionName: record.candidateName,
    stableVersionName: record.stableName,
    personName,
    verdict: observed.verdict?.report ?? null,
    bake: observed.bake?.report ?? null,
    fencedNames: observed.observation.runtimes
      .filter(({ runtimeId }) => moved.release.fencedRuntimeIds.includes(runtimeId))
      .map(({ name }) => name),
    rollbackMs,
  });
  // After promotion there is one arm only: what counts is the bake.
  if (observed.bake !== null) return { ...observed.bake, verdict: observed.bake.report.word, sentence };
  if (observed.verdict !== null) return { ...observed.verdict, verdict: observed.verdict.report.verdict, sentence };
  return { verdict: "NONE", sentence, report: null, counts: null };
}
