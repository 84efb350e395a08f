import { z } from "zod";
import { rollbackTarget, streamState, type DesiredStream, type RollbackTarget, type StreamState } from "#lib/contracts/streams.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type StreamRecord = {
  readonly id: string;
  readonly name: string;
  readonly endpointId: string;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  readonly shadowTopic: string | null;
  readonly groupId: string;
  readonly maxInFlight: number;
  readonly state: StreamState;
  readonly rollbackSeq: number;
  /** Null before the first roll back. */
  readonly rollbackTo: RollbackTarget[] | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly rowVersion: number;
};

const targets = z.array(rollbackTarget);

const toStream = (row: Prisma.StreamGetPayload<object>): StreamRecord => ({
  ...row,
  state: streamState.parse(row.state),
  rollbackTo: row.rollbackTo === null ? null : targets.parse(row.rollbackTo),
});

type NewStream = Omit<StreamRecord, "state" | "rollbackSeq" | "rollbackTo" | "createdAt" | "rowVersion">;

/** Throws `conflict` where the name or the consumer group is taken. */
export async function insertStream(db: Db, stream: NewStream): Promise<void> {
  const taken = await db.stream.findFirst({ where: { OR: [{ name: stream.name }, { groupId: stream.groupId }] } });
  if (taken !== null)
    throw new AppError("conflict", `The stream ${taken.name} has this ${taken.name === stream.name ? "name" : "consumer group"} already.`, {
      hint: "Two streams with one consumer group would take each other's records.",
    });
  await db.stream.create({ data: { ...stream, state: "running" } });
}

export async function getStream(db: Db, name: string): Promise<StreamRecord> {
  const row = await db.stream.findUnique({ where: { name } });
  if (!row) throw notFound();
  return toStream(row);
}

export async function streamsOf(db: Db, endpointIds: readonly string[]): Promise<StreamRecord[]> {
  const rows = await db.stream.findMany({ where: { endpointId: { in: [...endpointIds] } }, orderBy: { name: "asc" }, take: 1000 });
  return rows.map(toStream);
}

export async function saveStream(
  db: Db,
  stream: Pick<StreamRecord, "id" | "rowVersion">,
  change: Partial<{ state: StreamState; rollbackSeq: number; rollbackTo: RollbackTarget[] }>,
): Promise<void> {
  expectOneRow(
    await db.stream.updateMany({ where: { id: stream.id, rowVersion: stream.rowVersion }, data: { ...change, rowVersion: { increment: 1 } } }),
    "stream",
  );
}

/** Every stream, as runtimes are to run it. */
export async function desiredStreams(db: Db): Promise<DesiredStream[]> {
  const rows = await db.stream.findMany({ orderBy: { name: "asc" }, take: 1000 });
  const names = await db.endpoint.findMany({ where: { id: { in: rows.map(({ endpointId }) => endpointId) } }, select: { id: true, name: true } });
  const nameOf = new Map(names.map(({ id, name }) => [id, name]));
  return rows.map(toStream).map(({ id, name, endpointId, inputTopic, outputTopic, deadLetterTopic, shadowTopic, groupId, maxInFlight, state, rollbackSeq, rollbackTo }) => ({
    streamId: id, name, endpointId, inputTopic, outputTopic, deadLetterTopic, shadowTopic, groupId, maxInFlight, state,
    endpoint: nameOf.get(endpointId) ?? "",
    rollback: rollbackTo === null ? null : { seq: rollbackSeq, to: rollbackTo },
  }));
}
