import { z } from "zod";
import { alertStates, type AlertMemory, type AlertState } from "#lib/domain/drift/alert-state.ts";
import { ruleKeys, type RuleKey } from "#lib/domain/drift/alert-rules.ts";
import type { FeatureDrift } from "#lib/domain/drift/feature-drift.ts";
import { asJson } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** Where one rule stands on one version. */
export type RuleStanding = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly ruleKey: RuleKey;
  readonly state: AlertState;
  readonly since: Date;
  readonly memory: AlertMemory;
  readonly value: number | null;
  readonly limit: number | null;
  readonly sentence: string;
  readonly subjects: readonly string[];
  readonly windowStart: Date | null;
  readonly windowEnd: Date | null;
  readonly evaluatedAt: Date;
};

const state = z.enum(alertStates);
const ruleKey = z.enum(ruleKeys);
const json = (value: unknown): Prisma.InputJsonValue => asJson(value) as Prisma.InputJsonValue;

const toStanding = (row: Prisma.MonitorStateGetPayload<object>): RuleStanding[] => {
  const key = ruleKey.safeParse(row.ruleKey);
  if (!key.success) return [];
  // `memory` and `subjects` were written by saveStandings and by nothing else.
  return [
    {
      ...row,
      ruleKey: key.data,
      state: state.parse(row.state),
      memory: row.memory as unknown as AlertMemory,
      subjects: row.subjects as unknown as readonly string[],
    },
  ];
};

/** Where all rules of these endpoints stand. */
export async function standingsOf(db: Db, endpointIds: readonly string[]): Promise<RuleStanding[]> {
  const rows = await db.monitorState.findMany({ where: { endpointId: { in: [...endpointIds] } } });
  return rows.flatMap(toStanding);
}

/** Keeps where rules stand, and drops those of versions that no longer answer there. */
export async function saveStandings(db: Db, endpointId: string, standings: readonly RuleStanding[], versionIds: readonly string[]): Promise<void> {
  if (standings.length > 0) {
    await db.$executeRaw`
      INSERT INTO "MonitorState" ("endpointId", "versionId", "ruleKey", "state", "since", "memory", "value", "limit", "sentence", "subjects", "windowStart", "windowEnd", "evaluatedAt")
      SELECT s."endpointId"::uuid, s."versionId"::uuid, s."ruleKey", s."state", s."since", s."memory", s."value", s."limit", s."sentence", s."subjects", s."windowStart", s."windowEnd", s."evaluatedAt"
      FROM jsonb_to_recordset(${JSON.stringify(standings)}::jsonb) AS s("endpointId" text, "versionId" text, "ruleKey" text, "state" text, "since" timestamptz, "memory" jsonb,
        "value" float8, "limit" float8, "sentence" text, "subjects" jsonb, "windowStart" timestamptz, "windowEnd" timestamptz, "evaluatedAt" timestamptz)
      ON CONFLICT ("endpointId", "versionId", "ruleKey") DO UPDATE SET "state" = excluded."state", "since" = excluded."since", "memory" = excluded."memory",
        "value" = excluded."value", "limit" = excluded."limit", "sentence" = excluded."sentence", "subjects" = excluded."subjects", "windowStart" = excluded."windowStart",
        "windowEnd" = excluded."windowEnd", "evaluatedAt" = excluded."evaluatedAt"`;
  }
  await db.monitorState.deleteMany({ where: { endpointId, versionId: { notIn: [...versionIds] } } });
}

/** Scores of one version over one window, with what is needed to compute them again. */
export type DriftReport = {
  readonly method: "psi";
  readonly smoothing: "add-0.5";
  readonly binsHash: string;
  readonly features: readonly FeatureDrift[];
  readonly outputs: readonly FeatureDrift[];
};

export type DriftEvaluationRecord = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly baselineId: string;
  readonly rows: number;
  readonly coverage: number | null;
  readonly report: DriftReport;
};

export async function saveEvaluation(db: Db, { rows, report, ...evaluation }: DriftEvaluationRecord): Promise<void> {
  const data = { ...evaluation, rows: BigInt(rows), report: json(report) };
  const { endpointId, versionId, windowEnd } = evaluation;
  await db.driftEvaluation.upsert({
    where: { endpointId_versionId_windowEnd: { endpointId, versionId, windowEnd } },
    create: data,
    update: data,
  });
}

/** The newest evaluations of a version on an endpoint, newest first. */
export async function evaluationsOf(
  db: Db,
  where: { readonly endpointId: string; readonly versionId: string; readonly from: Date },
  limit: number,
): Promise<DriftEvaluationRecord[]> {
  const rows = await db.driftEvaluation.findMany({
    where: { endpointId: where.endpointId, versionId: where.versionId, windowEnd: { gte: where.from } },
    orderBy: { windowEnd: "desc" },
    take: limit,
  });
  // `report` was written by saveEvaluation and by nothing else.
  return rows.map((row) => ({ ...row, rows: Number(row.rows), report: row.report as unknown as DriftReport }));
}

/** The newest evaluation of each version on these endpoints, if it ended after this moment. */
export async function newestEvaluations(db: Db, endpointIds: readonly string[], since: Date): Promise<DriftEvaluationRecord[]> {
  const rows = await db.driftEvaluation.findMany({
    where: { endpointId: { in: [...endpointIds] }, windowEnd: { gte: since } },
    orderBy: { windowEnd: "desc" },
    distinct: ["endpointId", "versionId"],
  });
  return rows.map((row) => ({ ...row, rows: Number(row.rows), report: row.report as unknown as DriftReport }));
}

export async function countEvaluations(db: Db, endpointId: string, versionId: string): Promise<number> {
  return db.driftEvaluation.count({ where: { endpointId, versionId } });
}

/** How long evaluations are kept: all of them at first, then the first of each hour, then none. Days. */
export type EvaluationRetention = { readonly allDays: number; readonly hourlyDays: number };

/** Thinning looks back this far beyond `allDays`: what is older has been thinned by an earlier sweep. Days. */
const THINNING_LOOKBACK_DAYS = 30;

/** Forgets evaluations past their time, at most `limit` rows a call; answers how many. */
export async function pruneEvaluations(db: Db, kept: EvaluationRetention, limit: number): Promise<number> {
  const { allDays, hourlyDays } = kept;
  return db.$executeRaw`
    DELETE FROM "DriftEvaluation" WHERE ctid = ANY(ARRAY(
      SELECT e.ctid FROM "DriftEvaluation" e
      WHERE e."windowEnd" < now() - ${hourlyDays} * interval '1 day'
        OR (e."windowEnd" < now() - ${allDays} * interval '1 day'
          AND e."windowEnd" >= now() - ${allDays + THINNING_LOOKBACK_DAYS} * interval '1 day'
          AND EXISTS (
            SELECT 1 FROM "DriftEvaluation" o WHERE o."endpointId" = e."endpointId" AND o."versionId" = e."versionId"
              AND o."windowEnd" < e."windowEnd" AND o."windowEnd" >= date_trunc('hour', e."windowEnd", 'UTC')))
      LIMIT ${limit}))`;
}
