import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { AuditDraft, AuditTarget } from "#lib/domain/audit/leaf.ts";
import { judgeDetails } from "#lib/domain/governance/evidence/judge-details.ts";
import { getKind } from "#lib/domain/governance/evidence/kinds.ts";
import type { Subject } from "#lib/domain/governance/evidence/standing.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";

/** A fact about to be recorded. Its verdict follows from what it says; nobody asserts it. */
export type NewFact = {
  readonly kind: string;
  readonly subject: Subject;
  readonly summary: string;
  readonly details: JsonObject;
  /** Of what it was made from; left out, of the details themselves. */
  readonly inputsHash?: string;
  readonly expiresAt?: Date | null;
  readonly recordedById?: string | null;
  readonly documentDigest?: string | null;
};

/** Passed unless something that was said does not hold. What is left out makes it incomplete, which is no failure. */
export function verdictOf(fact: Pick<NewFact, "kind" | "details">, now: Date): { verdict: "passed" | "failed"; because: string | null } {
  const wrong = judgeDetails(getKind(fact.kind), fact.details, now.getTime()).find(({ isAbsent }) => !isAbsent);
  return { verdict: wrong === undefined ? "passed" : "failed", because: wrong?.message ?? null };
}

export const hashOf = (fact: Pick<NewFact, "details" | "inputsHash">): string => fact.inputsHash ?? contentDigest(asJson(fact.details));

/** Writes facts with one entry in the trail for each. */
export async function recordFacts(
  tx: Pick<UnitOfWork, "evidence">,
  facts: readonly NewFact[],
  by: { readonly producer: string; readonly producerVersion: string; readonly targets: readonly AuditTarget[]; readonly now: Date },
): Promise<AuditDraft[]> {
  const drafts: AuditDraft[] = [];
  for (const fact of facts) {
    const id = newId();
    const { verdict, because } = verdictOf(fact, by.now);
    const summary = because === null ? fact.summary : `${fact.summary} ${because}`;
    const inputsHash = hashOf(fact);
    await tx.evidence.insertEvidence({
      id,
      kind: fact.kind,
      subjectType: fact.subject.type,
      subjectId: fact.subject.id,
      subjectDigest: fact.subject.digest,
      verdict,
      summary,
      details: fact.details,
      producer: by.producer,
      producerVersion: by.producerVersion,
      inputsHash,
      expiresAt: fact.expiresAt ?? null,
      recordedById: fact.recordedById ?? null,
      documentDigest: fact.documentDigest ?? null,
    });
    drafts.push({
      action: "evidence.recorded",
      targets: [{ type: "evidence", id, name: fact.kind, digest: fact.documentDigest ?? null }, ...by.targets],
      after: { kind: fact.kind, verdict, summary, inputsHash, subject: fact.subject.type, subjectDigest: fact.subject.digest },
    });
  }
  return drafts;
}
