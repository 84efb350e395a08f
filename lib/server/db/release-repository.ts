import { createHash } from "node:crypto";
import { notFound } from "#lib/domain/errors.ts";
import type { Release } from "#lib/domain/release/release.ts";
import type { BackTest } from "#lib/domain/release/triggers.ts";
import { END_STATES, isEnd, isStarted, type ReleaseState } from "#lib/domain/release/states.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

/** A release as the engine sees it, with the names and row version that people and writers need. */
export type ReleaseRecord = {
  readonly release: Release;
  readonly number: number;
  readonly rowVersion: number;
  readonly planDigest: string;
  readonly reason: string | null;
  readonly outcome: ReleaseOutcome | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly endpointName: string;
  readonly environmentId: string;
  readonly environmentName: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly candidateName: string;
  readonly candidateDigest: string;
  readonly stableName: string;
  readonly stableDigest: string;
  readonly demo: boolean;
};

/** What is kept of how it ended, beside the machine: facts about the act that the domain does not decide with. */
export type ReleaseOutcome = {
  /** Chip of the roll back dialog: errors, latency, ... */
  readonly rollbackChip?: string;
  /** Set while a person owes the reason of an emergency roll back. */
  readonly reasonDueAt?: string | null;
  /** The closing sentence of the record. */
  readonly sentence?: string;
  /** Milliseconds from the order to the last candidate response on the last runtime. */
  readonly rollbackMs?: number;
  readonly lateResponses?: number;
  /** How often the plan's triggers would have fired on stable's past, from when the plan was made. */
  readonly backTests?: { readonly tests: readonly BackTest[]; readonly hours: number };
};

const WITH_NAMES = {
  endpoint: { include: { environment: { select: { id: true, name: true } }, model: { select: { id: true, name: true } } } },
  candidate: { select: { name: true, digest: true } },
  stable: { select: { name: true, digest: true } },
} as const;
type ReleaseRow = Prisma.ReleaseGetPayload<{ include: typeof WITH_NAMES }>;

const toRecord = (row: ReleaseRow): ReleaseRecord => ({
  // Written by insertRelease and saveRelease from a domain value, and by nothing else.
  release: row.machine as unknown as Release,
  number: row.number,
  rowVersion: row.rowVersion,
  planDigest: row.planDigest,
  reason: row.reason,
  outcome: row.outcome as ReleaseOutcome | null,
  createdAt: row.createdAt,
  startedAt: row.startedAt,
  endedAt: row.endedAt,
  endpointName: row.endpoint.name,
  environmentId: row.endpoint.environment.id,
  environmentName: row.endpoint.environment.name,
  modelId: row.endpoint.model.id,
  modelName: row.endpoint.model.name,
  candidateName: row.candidate.name,
  candidateDigest: row.candidate.digest,
  stableName: row.stable.name,
  stableDigest: row.stable.digest,
  demo: row.endpoint.demo,
});

const json = (value: unknown): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;

const indexed = (release: Release) => ({
  machine: json(release),
  state: release.state,
  holdReason: release.hold?.reason ?? null,
  stepIndex: release.stepIndex ?? 0,
  epoch: BigInt(release.epoch ?? 0),
  stateSince: new Date(release.stateSinceMs),
  boundDigest: release.digest,
  rollbackOrderedAt: release.rollback ? new Date(release.rollback.orderedAtMs) : null,
  rollbackDoneAt: release.rollback?.finishedAtMs ? new Date(release.rollback.finishedAtMs) : null,
});

/** A new release; answers its number for people. */
export async function insertRelease(
  db: Db,
  input: { release: Release; planDigest: string; reason: string | null; outcome?: ReleaseOutcome; number?: number },
): Promise<number> {
  const { release, planDigest, reason, outcome, number } = input;
  const row = await db.release.create({
    data: {
      id: release.id,
      endpointId: release.endpointId,
      candidateVersionId: release.candidateVersionId,
      stableVersionId: release.stableVersionId,
      strategy: release.plan.strategy,
      plan: json(release.plan),
      planDigest,
      reason,
      authorId: release.authorId,
      ...(outcome === undefined ? {} : { outcome: json(outcome) }),
      ...(number === undefined ? {} : { number }),
      ...indexed(release),
    },
    select: { number: true },
  });
  return row.number;
}

/** The next value of a release, if nobody was faster. */
export async function saveRelease(db: Db, record: ReleaseRecord, next: Release, outcome?: ReleaseOutcome): Promise<void> {
  const started = record.startedAt === null && isStarted(next.state);
  const ended = isEnd(next.state) && !isEnd(record.release.state);
  const reopened = !isEnd(next.state) && record.endedAt !== null;
  expectOneRow(
    await db.release.updateMany({
      where: { id: next.id, rowVersion: record.rowVersion },
      data: {
        ...indexed(next),
        ...(started ? { startedAt: new Date(next.stateSinceMs) } : {}),
        ...(ended ? { endedAt: new Date(next.stateSinceMs) } : {}),
        ...(reopened ? { endedAt: null } : {}),
        ...(outcome ? { outcome: json({ ...record.outcome, ...outcome }) } : {}),
        rowVersion: { increment: 1 },
      },
    }),
    "release",
  );
}

/** The columns that repeat the plan; `saveRelease` has written it with the rest. */
export async function savePlan(db: Db, releaseId: string, plan: Release["plan"], planDigest: string): Promise<void> {
  await db.release.update({ where: { id: releaseId }, data: { strategy: plan.strategy, plan: json(plan), planDigest } });
}

/** By id or by the number people use; throws not_found. */
export async function getRelease(db: Db, by: { id: string } | { number: number }): Promise<ReleaseRecord> {
  const row = await db.release.findUnique({ where: by, include: WITH_NAMES });
  if (!row) throw notFound();
  return toRecord(row);
}

/** The same, locked until the transaction ends: two writers take turns. */
export async function lockRelease(db: Db, by: { id: string } | { number: number }): Promise<ReleaseRecord> {
  const found = await getRelease(db, by);
  await db.$executeRaw`SELECT 1 FROM "Release" WHERE "id" = ${found.release.id}::uuid FOR UPDATE`;
  return getRelease(db, { id: found.release.id });
}

/** The release of an endpoint that has not ended, or null. Of two, one is on its way back: that one comes first. */
export async function openReleaseOf(db: Db, endpointId: string): Promise<ReleaseRecord | null> {
  const row = await db.release.findFirst({
    where: { endpointId, state: { notIn: [...END_STATES] } },
    include: WITH_NAMES,
    orderBy: { number: "asc" },
  });
  return row ? toRecord(row) : null;
}

/** The release that was under way on an endpoint at a past moment; null when none was. */
export async function openReleaseAt(db: Db, endpointId: string, at: Date): Promise<ReleaseRecord | null> {
  const row = await db.release.findFirst({
    where: { endpointId, createdAt: { lte: at }, OR: [{ endedAt: null }, { endedAt: { gt: at } }] },
    include: WITH_NAMES,
    orderBy: { number: "desc" },
  });
  return row ? toRecord(row) : null;
}

/** Releases the controller looks at: all that have not ended, and completed ones that still keep a version warm. */
export async function releasesToWatch(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "id"::text FROM "Release"
    WHERE "state" NOT IN ('COMPLETED', 'REJECTED', 'EXPIRED', 'CANCELLED', 'ABORTED', 'ROLLED_BACK', 'SUPERSEDED', 'DEPRECATED', 'DRAFT')
       OR ("state" = 'COMPLETED' AND ("machine"->>'isPreviousWarm')::boolean)
    ORDER BY "number"`;
  return rows.map(({ id }) => id);
}

/** Releases that need something done outside: a preview to be asked, a drill to have traffic. */
export async function releasesWithErrands(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "id"::text FROM "Release"
    WHERE ("state" = 'STEP_ACTIVE' AND "strategy" = 'blue_green')
       OR ("state" IN ('WARMING', 'STEP_ACTIVE', 'HOLDING', 'AWAITING_GATE', 'ROLLING_BACK') AND "plan" ? 'drill')
    ORDER BY "number"`;
  return rows.map(({ id }) => id);
}

/** Rollback drills, newest first; of one endpoint where it is named. */
export async function drills(db: Db, environmentIds: readonly string[] | "all", endpointName: string | null, limit: number): Promise<ReleaseRecord[]> {
  const found = await db.$queryRaw<{ id: string }[]>`
    SELECT r."id"::text FROM "Release" r JOIN "Endpoint" e ON e."id" = r."endpointId"
    WHERE r."plan" ? 'drill' AND (${environmentIds === "all"} OR e."environmentId" = ANY(${environmentIds === "all" ? [] : [...environmentIds]}::uuid[]))
      AND (${endpointName}::text IS NULL OR e."name" = ${endpointName})
    ORDER BY r."number" DESC LIMIT ${limit}`;
  const rows = await db.release.findMany({ where: { id: { in: found.map(({ id }) => id) } }, include: WITH_NAMES, orderBy: { number: "desc" } });
  return rows.map(toRecord);
}

export type ReleaseFilter = {
  readonly states?: readonly ReleaseState[];
  readonly environmentIds?: readonly string[];
  readonly endpointId?: string;
  readonly modelId?: string;
  readonly versionId?: string;
  readonly since?: Date;
};

/** Newest first. */
export async function listReleases(db: Db, filter: ReleaseFilter, limit: number, beforeNumber?: number): Promise<ReleaseRecord[]> {
  const rows = await db.release.findMany({
    where: {
      ...(filter.states ? { state: { in: [...filter.states] } } : {}),
      ...(filter.endpointId ? { endpointId: filter.endpointId } : {}),
      ...(filter.versionId ? { candidateVersionId: filter.versionId } : {}),
      ...(filter.since ? { OR: [{ endedAt: { gte: filter.since } }, { endedAt: null }] } : {}),
      endpoint: {
        ...(filter.environmentIds ? { environmentId: { in: [...filter.environmentIds] } } : {}),
        ...(filter.modelId ? { modelId: filter.modelId } : {}),
      },
      ...(beforeNumber === undefined ? {} : { number: { lt: beforeNumber } }),
    },
    include: WITH_NAMES,
    orderBy: { number: "desc" },
    take: limit,
  });
  return rows.map(toRecord);
}

export type ApprovalRecord = {
  readonly id: string;
  readonly userId: string;
  readonly personId: string;
  readonly role: string;
  readonly decision: "approved" | "rejected";
  readonly meaning: string;
  readonly reason: string;
  readonly digest: string;
  readonly signedName: string;
  /** How the signer proved who they are. */
  readonly method: string;
  /** Whose place they took; null for their own. */
  readonly onBehalfOf: string | null;
  /** False where a small team let an author of version or release sign. */
  readonly isIndependent: boolean;
  readonly signedAt: Date;
  readonly voidedAt: Date | null;
  readonly voidReason: string | null;
};

export async function insertApproval(
  db: Db,
  approval: Omit<ApprovalRecord, "signedAt" | "voidedAt" | "voidReason"> & { releaseId: string },
): Promise<void> {
  await db.approval.create({ data: approval });
}

/** All signatures on a release, voided ones too, oldest first. */
export async function approvalsOf(db: Db, releaseId: string): Promise<ApprovalRecord[]> {
  const rows = await db.approval.findMany({ where: { releaseId }, orderBy: { signedAt: "asc" } });
  return rows.map((row) => ({ ...row, decision: row.decision === "rejected" ? "rejected" : "approved" }));
}

/** Voids the signatures that still count; answers whose they were. */
export async function voidApprovals(db: Db, releaseId: string, voidReason: string): Promise<ApprovalRecord[]> {
  const standing = (await approvalsOf(db, releaseId)).filter(({ voidedAt }) => voidedAt === null);
  await db.$executeRaw`
    UPDATE "Approval" SET "voidedAt" = now(), "voidReason" = ${voidReason}
    WHERE "releaseId" = ${releaseId}::uuid AND "voidedAt" IS NULL`;
  return standing;
}

export type DecisionRecord = {
  readonly id: string;
  readonly at: Date;
  readonly fromState: string;
  readonly toState: string;
  readonly stepIndex: number;
  readonly verdict: string;
  readonly sentence: string;
  readonly report: unknown;
  readonly countsSha256: string;
};

export type NewDecision = Omit<DecisionRecord, "at" | "countsSha256"> & {
  readonly releaseId: string;
  /** Canonical JSON of the counts it was made from. */
  readonly counts: string;
  readonly engineVersion: string;
};

/** Keeps a decision with the exact bytes it was made from; answers their sha256. */
export async function insertDecision(db: Db, decision: NewDecision): Promise<string> {
  const bytes = Buffer.from(decision.counts, "utf8");
  const countsSha256 = createHash("sha256").update(bytes).digest("hex");
  await db.decision.create({
    data: { ...decision, report: json(decision.report), counts: new Uint8Array(bytes), countsSha256 },
  });
  return countsSha256;
}

/** Decisions of a release, oldest first. */
export async function decisionsOf(db: Db, releaseId: string): Promise<DecisionRecord[]> {
  return db.decision.findMany({
    where: { releaseId },
    orderBy: [{ at: "asc" }, { id: "asc" }],
    omit: { counts: true, engineVersion: true, releaseId: true },
  });
}

/** The stored bytes of one decision, for recomputing it. */
export async function decisionCounts(db: Db, id: string): Promise<{ counts: string; engineVersion: string; report: unknown } | null> {
  const row = await db.decision.findUnique({ where: { id } });
  return row
    ? { counts: Buffer.from(row.counts).toString("utf8"), engineVersion: row.engineVersion, report: row.report }
    : null;
}

/** Measured roll back times of an environment's releases, newest first, milliseconds. */
export async function rollbackTimes(db: Db, environmentId: string, limit: number): Promise<number[]> {
  const rows = await db.$queryRaw<{ ms: number }[]>`
    SELECT (r."outcome"->>'rollbackMs')::float8 AS "ms" FROM "Release" r JOIN "Endpoint" e ON e."id" = r."endpointId"
    WHERE e."environmentId" = ${environmentId}::uuid AND r."outcome" ? 'rollbackMs'
    ORDER BY r."number" DESC LIMIT ${limit}`;
  return rows.map(({ ms }) => ms);
}
