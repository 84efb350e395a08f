import type { Subject } from "#lib/domain/governance/evidence/standing.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ModelRecord } from "../db/model-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";

/** What evidence can be about, by the digest it has now. Evidence about another digest reopens what it supported. */

export const versionSubject = ({ id, digest }: { readonly id: string; readonly digest: string }): Subject => ({ type: "version", id, digest });

/** A model is its purpose, tier, sector and countries: change one, and what was decided about it is to be decided again. */
export const modelSubject = (model: Pick<ModelRecord, "id" | "intendedUse" | "riskTier" | "sector" | "jurisdictions">): Subject => ({
  type: "model",
  id: model.id,
  digest: contentDigest(asJson({ intendedUse: model.intendedUse, riskTier: model.riskTier, sector: model.sector, jurisdictions: [...model.jurisdictions].sort() })),
});

/** A release is its plan and the two versions; its evidence may grow without making it another one. */
export const releaseSubject = ({ release, planDigest, candidateDigest, stableDigest }: Pick<ReleaseRecord, "release" | "planDigest" | "candidateDigest" | "stableDigest">): Subject => ({
  type: "release",
  id: release.id,
  digest: contentDigest({ plan: planDigest, candidate: candidateDigest, stable: stableDigest }),
});

const byIdentity = (type: Subject["type"], id: string): Subject => ({ type, id, digest: contentDigest({ [type]: id }) });
export const endpointSubject = (id: string): Subject => byIdentity("endpoint", id);
export const environmentSubject = (id: string): Subject => byIdentity("environment", id);
export const organisationSubject = (installId: string): Subject => byIdentity("organisation", installId);
