import type { Drift, ServedVersion } from "#lib/domain/serving/target-kinds.ts";
import { jsonMapping, targetKind, type DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** Keeps what a server says it serves. Answers true when the state of drift is another than before. */
export async function saveReading(db: Db, bindingId: string, served: readonly ServedVersion[] | null, drift: Drift): Promise<boolean> {
  const problem = drift.kind === "none" ? null : drift.problem;
  const [row] = await db.$queryRaw<{ changed: boolean }[]>`
    WITH before AS (SELECT "drift" FROM "TargetBinding" WHERE "id" = ${bindingId}::uuid)
    UPDATE "TargetBinding" b SET "readAt" = now(), "drift" = ${drift.kind}, "driftProblem" = ${problem},
      "served" = COALESCE(${served === null ? null : JSON.stringify(served)}::jsonb, b."served"),
      "driftSince" = CASE WHEN ${drift.kind} = 'none' THEN NULL WHEN b."drift" = ${drift.kind} THEN b."driftSince" ELSE now() END
    FROM before WHERE b."id" = ${bindingId}::uuid RETURNING before."drift" <> ${drift.kind} AS "changed"`;
  return row?.changed ?? false;
}

/** Takes the next binding to be read: each about once a minute, by one replica at a time. Null when none is due. */
export async function claimReading(db: Db, everySeconds: number): Promise<string | null> {
  const [row] = await db.$queryRaw<{ id: string }[]>`
    UPDATE "TargetBinding" SET "readAt" = now() WHERE "id" = (
      SELECT "id" FROM "TargetBinding" WHERE "readAt" IS NULL OR "readAt" < now() - ${everySeconds} * interval '1 second'
      ORDER BY "readAt" NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING "id"::text`;
  return row?.id ?? null;
}

/** Where other servers run these versions, by version; credentials are left out. */
export async function upstreamsOf(db: Db, versionIds: readonly string[]): Promise<ReadonlyMap<string, DesiredUpstream>> {
  const rows = await db.targetBinding.findMany({ where: { versionId: { in: [...versionIds] } }, include: { target: true } });
  return new Map(
    rows.map(({ versionId, target, remoteModel, remoteVersion, mapping }) => [
      versionId,
      {
        targetId: target.id,
        kind: targetKind.parse(target.kind),
        url: target.url,
        model: remoteModel,
        version: remoteVersion,
        mapping: mapping === null ? null : jsonMapping.parse(mapping),
        timeoutMs: target.timeoutMs,
        headers: {},
      },
    ]),
  );
}
