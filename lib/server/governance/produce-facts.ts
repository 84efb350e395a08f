import { z } from "zod";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { endOf } from "#lib/domain/governance/evidence/standing.ts";
import { getKind } from "#lib/domain/governance/evidence/kinds.ts";
import { SUBJECT_TYPES } from "#lib/domain/governance/evidence/kind.ts";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { type EvidenceRecord, toFact } from "../db/evidence-repository.ts";
import type { RecordClass } from "#lib/domain/governance/retention/record-classes.ts";
import { standings } from "../retention/read-retention.ts";
import { policyActor, type ReadModels } from "../ports.ts";
import type { Store } from "../store.ts";
import { envelopeFact } from "./facts/envelope-fact.ts";
import { ENGINE_PRODUCER } from "./facts/release-facts.ts";
import { endpointFacts, modelFacts, TELEMETRY_PRODUCER } from "./facts/live-facts.ts";
import { runbookFact } from "./facts/runbook-fact.ts";
import { hashOf, type NewFact, recordFacts, verdictOf } from "./record-facts.ts";
import { organisationSubject } from "./subjects.ts";

const DAY_MS = 86_400_000;

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
const json: z.ZodType<Json> = z.lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]));

const input = z.strictObject({
  producer: z.string(),
  producerVersion: z.string(),
  facts: z.array(
    z.strictObject({
      kind: z.string(),
      subject: z.strictObject({ type: z.enum(SUBJECT_TYPES), id: z.uuid(), digest: z.string() }),
      subjectName: z.string(),
      summary: z.string(),
      details: z.record(z.string(), json),
      inputsHash: z.string().optional(),
      expiresAt: z.date().optional(),
    }),
  ),
});

/** Facts that our own parts have found. Facts that say what is known already change nothing. */
const recordFound = command({
  name: "record-found-facts",
  permission: "evidence:create",
  input,
  async run({ tx, now, input: { producer, producerVersion, facts } }) {
    const drafts: AuditDraft[] = [];
    for (const { subjectName, inputsHash, expiresAt, ...fact } of facts) {
      const targets = [{ type: fact.subject.type, id: fact.subject.id, name: subjectName, digest: null }];
      drafts.push(...(await recordFacts(tx, [{ ...fact, expiresAt: expiresAt ?? null, ...(inputsHash === undefined ? {} : { inputsHash }) }], { producer, producerVersion, targets, now })));
    }
    const [first, ...rest] = drafts;
    return first === undefined ? unchanged({ recorded: 0 }) : { result: { recorded: drafts.length }, audit: [first, ...rest] };
  },
});

/** Whether a fact is worth a row: nothing is known, it says something else, or what is known has lived half its time. */
export function isNews(fact: NewFact, known: readonly EvidenceRecord[], now: Date): boolean {
  const newest = known
    .filter(({ kind, subjectId, subjectDigest }) => kind === fact.kind && subjectId === fact.subject.id && subjectDigest === fact.subject.digest)
    .sort((a, b) => b.producedAt.getTime() - a.producedAt.getTime())[0];
  if (newest === undefined || newest.inputsHash !== hashOf(fact) || newest.verdict !== verdictOf(fact, now).verdict) return true;
  const end = endOf(getKind(fact.kind), toFact(newest));
  return end !== null && now.getTime() > newest.producedAt.getTime() + (end - newest.producedAt.getTime()) / 2;
}

type Named = NewFact & { readonly subjectName: string };

async function endpointsNow(db: ReadModels, now: Date): Promise<Named[]> {
  const runtimes = await db.runtimes.listRuntimes(now);
  const since = new Date(now.getTime() - DAY_MS);
  const found: Named[] = [];
  for (const endpoint of await db.endpoints.listEndpoints()) {
    if (endpoint.stableVersionId === null) continue;
    const stable = await db.models.getVersionById(endpoint.stableVersionId);
    const tally = await db.live.liveTally(endpoint.id, stable.id, since);
    found.push(...endpointFacts(endpoint, stable, tally, runtimes, now).map((fact) => ({ ...fact, subjectName: endpoint.name })));
    const runbook = await runbookFact(db, endpoint, now);
    if (runbook !== null) found.push({ ...runbook, subjectName: endpoint.name });
  }
  return found;
}

async function modelsNow(db: ReadModels, now: Date): Promise<Named[]> {
  const unknownEndpoints = await db.live.unknownEndpoints(new Date(now.getTime() - DAY_MS));
  const people = await db.people.listPeople();
  const active = people.filter(({ disabledAt }) => disabledAt === null);
  const found: Named[] = [];
  for (const model of await db.models.listModels()) {
    const owner = people.find(({ id }) => id === model.ownerId);
    const judges = active.filter(({ id, grants }) => id !== model.ownerId && id !== model.createdById && grants.some(({ role }) => role === "validator" || role === "ml_lead" || role === "compliance")).length;
    const facts = modelFacts(model, { name: owner?.name ?? "", isActive: owner?.disabledAt === null }, { judges, unknownEndpoints });
    found.push(...facts.map((fact) => ({ ...fact, subjectName: model.name })));
  }
  return found;
}

/** Releases that have not started: what the change plan says of them can change by itself, as a drill grows old or is made at last. */
const UNSTARTED = ["DRAFT", "PENDING_APPROVAL", "APPROVED"] as const;

async function plannedReleasesNow(db: ReadModels, now: Date): Promise<Named[]> {
  const found: Named[] = [];
  for (const record of await db.releases.listReleases({ states: UNSTARTED }, 500)) {
    const fact = await envelopeFact(db, record, now);
    if (fact !== null) found.push({ ...fact, subjectName: `Release ${record.number}` });
  }
  return found;
}

type TrailLook = { readonly problems: Awaited<ReturnType<AuditTrail["check"]>>; readonly report: Awaited<ReturnType<AuditTrail["verify"]>> };

/** What the installation can say of its own trail and rules. */
async function organisationNow(db: ReadModels, { problems, report }: TrailLook): Promise<Named[]> {
  const install = await db.install.findInstall();
  if (install === null) return [];
  const subject = organisationSubject(install.installId);
  const guarded = !problems.some(({ code }) => code === "AUDIT_GUARDS_MISSING");
  const models = await db.models.listModels();
  const byTier = Object.fromEntries([...Map.groupBy(models, ({ riskTier }) => riskTier)].map(([tier, all]) => [tier, all.length]));
  const immutable = await db.live.isEvidenceImmutable();
  const conflicts = await db.live.selfApprovals();
  const kept = await standings(db);
  const daysOf = (recordClass: RecordClass): number => kept.find((one) => one.recordClass === recordClass)?.effectiveDays ?? 0;
  const [trailDays, evidenceDays] = [daysOf("audit_trail"), daysOf("evidence")];
  const below = kept.filter(({ isBelowFloor }) => isBelowFloor).length;
  const facts: NewFact[] = [
    {
      kind: "audit_log_integrity",
      subject,
      summary: report.message,
      details: { size: report.entriesChecked, problems: problems.filter(({ blocking }) => blocking).length + (report.intact ? 0 : 1), report: report.message },
      inputsHash: contentDigest({ intact: report.intact, problems: problems.map(({ code }) => code) }),
    },
    {
      kind: "audit_log_retention",
      subject,
      summary: `Entries of the audit trail are kept for at least ${trailDays} days, and the database ${guarded ? "refuses" : "does not refuse"} to delete one; ${below === 0 ? "no rule is" : `${below} rules are`} below a floor of law.`,
      details: { deleteRefused: guarded, effectiveDays: trailDays, rulesBelowFloor: below },
    },
    {
      kind: "documentation_retention",
      subject,
      summary: immutable ? `Evidence and documents are kept for at least ${evidenceDays} days; the database refuses to change or delete them.` : "Evidence can be changed in the database.",
      details: { immutable, effectiveDays: evidenceDays },
    },
    {
      kind: "rbac_sod_enforced",
      subject,
      summary: conflicts === 0 ? "No release carries an approval by the author of the release or of its version." : `${conflicts} approvals are by an author of the release or of its version.`,
      details: { conflicts, refusedAttempts: await db.live.refusedSelfApprovals() },
    },
    {
      kind: "aggregate_risk_report",
      subject,
      summary: `${models.length} models: ${Object.entries(byTier).map(([tier, count]) => `${count} ${tier}`).join(", ")}.`,
      details: { models: models.length, reportDigest: contentDigest(asJson(byTier)), byTier: asJson(byTier) },
    },
  ];
  return facts.filter((fact) => fact.kind !== "aggregate_risk_report" || models.length > 0).map((fact) => ({ ...fact, subjectName: "This organisation" }));
}

async function recordNews(store: Store, found: readonly Named[], by: { producer: string; producerVersion: string }): Promise<number> {
  if (found.length === 0) return 0;
  const news = await store.readSnapshot(async (db, now) => {
    const known = await db.evidence.newestAbout(found.map(({ subject }) => subject.id));
    return found.filter((fact) => isNews(fact, known, now));
  });
  if (news.length === 0) return 0;
  const facts = news.map(({ kind, subject, subjectName, summary, details, inputsHash, expiresAt }) => ({
    kind,
    subject,
    subjectName,
    summary,
    details: details as Record<string, Json>,
    ...(inputsHash === undefined ? {} : { inputsHash }),
    ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
  }));
  return (await recordFound(store)(policyActor("Evidence"), { ...by, facts })).recorded;
}

/** One round over endpoints and models: records what is new. Cheap; safe to run in every replica and at any time. */
export async function produceLiveFacts(store: Store): Promise<number> {
  const found = await store.readSnapshot(async (db, now) => [...(await endpointsNow(db, now)), ...(await modelsNow(db, now))]);
  const planned = await store.readSnapshot(plannedReleasesNow);
  return (await recordNews(store, found, TELEMETRY_PRODUCER)) + (await recordNews(store, planned, ENGINE_PRODUCER));
}

/** The slow round: verifies the whole trail. */
export async function produceOrganisationFacts(store: Store, trail: AuditTrail): Promise<number> {
  const look = { problems: await trail.check(), report: await trail.verify() };
  const found = await store.readSnapshot((db) => organisationNow(db, look));
  return recordNews(store, found, { producer: "Platform", producerVersion: "self-check/1" });
}
