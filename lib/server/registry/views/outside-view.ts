import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { codesToAccept, RISK_ACCEPTANCE } from "#lib/domain/artifact/serving-decision.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { type EvidenceRecord, toFact } from "../../db/evidence-repository.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import { servingOf } from "../../governance/load-grounds.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { actFor, closed } from "./open-acts.ts";

const JUDGES = "validators, compliance reviewers and ML leads";

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function acceptanceOf(evidence: readonly EvidenceRecord[]): NonNullable<VersionView["outside"]>["acceptance"] {
  const newest = evidence.find(({ kind }) => kind === RISK_ACCEPTANCE);
  if (newest?.expiresAt === undefined || newest.expiresAt === null) return null;
  const { codes, statement, signedName } = newest.details;
  return {
    signedName: textOf(signedName),
    statement: textOf(statement),
    signedAt: newest.producedAt.toISOString(),
    expiresAt: newest.expiresAt.toISOString(),
    codes: Array.isArray(codes) ? codes.map(textOf) : [],
  };
}

function acceptAct(actor: Actor, version: VersionRecord, isDangerous: boolean): NonNullable<VersionView["outside"]>["mayAccept"] {
  if (version.format !== "pickle") return closed("Only a pickle runs code when it is loaded.");
  if (isDangerous) return closed("The file was found to be dangerous; no acceptance covers that.");
  if (actor.userId === version.authorId) return closed("Whoever made a version does not accept its risk.");
  return actFor(actor, "version:accept_risk", JUDGES);
}

/** How a version that the bundled runtime does not serve may be served by another, and what stands in the way. */
export async function outsideView(db: ReadModels, actor: Actor, version: VersionRecord, evidence: readonly EvidenceRecord[], now: Date): Promise<VersionView["outside"]> {
  if (servingFit(version.format).isServed) return null;
  const decision = await servingOf(db, version, evidence.map(toFact), now.getTime());
  const { findings, target } = await db.scans.servingFactsOf(version.id);
  return {
    allowed: decision.isServed,
    reason: decision.isServed ? `It may be released: ${target?.name ?? ""} runs it.` : decision.reason,
    hint: decision.isServed ? "" : decision.hint,
    target,
    acceptance: acceptanceOf(evidence),
    codesToAccept: version.format === "pickle" ? codesToAccept(findings) : null,
    mayAccept: acceptAct(actor, version, findings.some(({ severity }) => severity === "block")),
  };
}
