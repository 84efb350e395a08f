import { z } from "zod";
import { notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export const CHANGE_STATES = ["comparing", "awaiting_approval", "applied", "rejected", "withdrawn", "failed", "reverted"] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];
/** States in which a change is still to be decided. */
export const OPEN_CHANGE_STATES: readonly ChangeState[] = ["comparing", "awaiting_approval"];

const approval = z.object({ userId: z.string(), personId: z.string(), name: z.string(), reason: z.string(), digest: z.string(), at: z.string(), roles: z.array(z.string()).default([]) });
export type ChangeApproval = z.output<typeof approval>;

export type BatchChangeRecord = {
  readonly id: string;
  readonly number: number;
  readonly endpointId: string;
  readonly fromVersionId: string;
  readonly toVersionId: string;
  readonly jobId: string;
  readonly state: ChangeState;
  readonly digest: string | null;
  readonly approvals: ChangeApproval[];
  readonly authorId: string;
  readonly authorName: string;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  readonly rowVersion: number;
};

const toChange = (row: Prisma.BatchChangeGetPayload<object>): BatchChangeRecord => ({
  ...row,
  state: z.enum(CHANGE_STATES).parse(row.state),
  approvals: approval.array().parse(row.approvals),
});

type NewChange = Pick<BatchChangeRecord, "id" | "endpointId" | "fromVersionId" | "toVersionId" | "jobId" | "authorId" | "authorName">;

/** Answers the change's number. */
export async function insertChange(db: Db, change: NewChange): Promise<number> {
  return (await db.batchChange.create({ data: { ...change, state: "comparing" } })).number;
}

export async function getChange(db: Db, by: { number: number } | { id: string }): Promise<BatchChangeRecord> {
  const row = await db.batchChange.findUnique({ where: by });
  if (!row) throw notFound();
  return toChange(row);
}

export async function findChangeOfJob(db: Db, jobId: string): Promise<BatchChangeRecord | null> {
  const row = await db.batchChange.findFirst({ where: { jobId } });
  return row ? toChange(row) : null;
}

/** The change of this endpoint that is still to be decided. */
export async function findOpenChange(db: Db, endpointId: string): Promise<BatchChangeRecord | null> {
  const row = await db.batchChange.findFirst({ where: { endpointId, state: { in: [...OPEN_CHANGE_STATES] } } });
  return row ? toChange(row) : null;
}

export async function changesOf(db: Db, endpointIds: readonly string[], limit: number): Promise<BatchChangeRecord[]> {
  const rows = await db.batchChange.findMany({ where: { endpointId: { in: [...endpointIds] } }, orderBy: { number: "desc" }, take: limit });
  return rows.map(toChange);
}

export async function saveChange(
  db: Db,
  change: Pick<BatchChangeRecord, "id" | "rowVersion">,
  to: Partial<Pick<BatchChangeRecord, "state" | "digest" | "approvals" | "reason" | "decidedAt">>,
): Promise<void> {
  expectOneRow(
    await db.batchChange.updateMany({ where: { id: change.id, rowVersion: change.rowVersion }, data: { ...to, rowVersion: { increment: 1 } } }),
    "batch change",
  );
}
