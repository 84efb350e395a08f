import { contentDigest } from "../content-digest.ts";
import type { EvidenceRecord } from "../db/evidence-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { UnitOfWork } from "../ports.ts";

/**
 * What an approval of a release is bound to: endpoint, both versions by digest, the plan, how the endpoint is served, and of
 * each kind of evidence the newest. Any change of one of them gives another digest and voids what was signed.
 */
export function boundDigest(input: {
  readonly endpointId: string;
  readonly candidateDigest: string;
  readonly stableDigest: string;
  readonly planDigest: string;
  /** Of the runtime configuration in force. */
  readonly configurationDigest: string;
  /** Newest first. */
  readonly evidence: readonly EvidenceRecord[];
}): string {
  const newest = new Map<string, EvidenceRecord>();
  for (const fact of input.evidence) if (!newest.has(fact.kind)) newest.set(fact.kind, fact);
  return contentDigest({
    endpoint: input.endpointId,
    candidate: input.candidateDigest,
    stable: input.stableDigest,
    plan: input.planDigest,
    configuration: input.configurationDigest,
    evidence: [...newest.values()]
      .map(({ kind, verdict, inputsHash }) => [kind, verdict, inputsHash] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  });
}

/** The digest as the facts are now; another than the release's own means that they changed since it was submitted. */
export async function presentDigest(tx: UnitOfWork, record: ReleaseRecord): Promise<string> {
  const { endpointId, candidateVersionId } = record.release;
  return boundDigest({
    endpointId,
    candidateDigest: record.candidateDigest,
    stableDigest: record.stableDigest,
    planDigest: record.planDigest,
    configurationDigest: (await tx.runtimeConfigurations.configurationOf(endpointId)).digest,
    evidence: await tx.evidence.evidenceOf("version", candidateVersionId),
  });
}
