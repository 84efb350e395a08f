import { z } from "zod";
import { loadTestReport, loadTestSettings, type LoadTestReport, type LoadTestSettings } from "#lib/contracts/load-test.ts";
import { runtimeConfiguration } from "#lib/contracts/runtime-configuration.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";
import { asJson } from "../content-digest.ts";
import { bumpDesiredRevision } from "./desired-state.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

const LOAD_TEST_STATES = ["open", "succeeded", "failed", "cancelled"] as const;
export type LoadTestState = (typeof LOAD_TEST_STATES)[number];

export type LoadTestRecord = {
  readonly id: string;
  readonly number: number;
  readonly endpointId: string;
  readonly versionId: string;
  readonly settings: LoadTestSettings;
  readonly configuration: RuntimeConfiguration;
  readonly configurationDigest: string;
  readonly state: LoadTestState;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly problem: string | null;
  readonly report: LoadTestReport | null;
  readonly rowVersion: number;
  /** How far it is. */
  readonly sent: number;
  readonly isTaken: boolean;
};

const WITH_WORK = { work: { select: { sent: true, leaseToken: true } } } as const;

const toLoadTest = ({ work, ...row }: Prisma.LoadTestGetPayload<{ include: typeof WITH_WORK }>): LoadTestRecord => ({
  ...row,
  settings: loadTestSettings.parse(row.settings),
  configuration: runtimeConfiguration.parse(row.configuration),
  state: z.enum(LOAD_TEST_STATES).parse(row.state),
  report: row.report === null ? null : loadTestReport.parse(row.report),
  sent: work?.sent ?? 0,
  isTaken: work?.leaseToken !== null && work?.leaseToken !== undefined,
});

type NewLoadTest = Pick<LoadTestRecord, "id" | "endpointId" | "versionId" | "settings" | "configuration" | "configurationDigest" | "createdBy"> & { readonly createdById: string | null };

/** Puts a load test up for a runtime to take. Answers its number. */
export async function insertLoadTest(db: Db, { settings, configuration, ...test }: NewLoadTest, now: Date): Promise<number> {
  const json = { settings: asJson(settings) as Prisma.InputJsonValue, configuration: asJson(configuration) as Prisma.InputJsonValue };
  const { number } = await db.loadTest.create({ data: { ...test, ...json, state: "open", createdAt: now } });
  await db.loadTestWork.create({ data: { loadTestId: test.id } });
  await bumpDesiredRevision(db);
  return number;
}

export async function getLoadTest(db: Db, by: { id: string } | { number: number }): Promise<LoadTestRecord> {
  const row = await db.loadTest.findUnique({ where: by, include: WITH_WORK });
  if (!row) throw notFound();
  return toLoadTest(row);
}

/** Newest first. */
export async function loadTestsOf(db: Db, endpointId: string, limit: number): Promise<LoadTestRecord[]> {
  const rows = await db.loadTest.findMany({ where: { endpointId }, include: WITH_WORK, orderBy: { number: "desc" }, take: limit });
  return rows.map(toLoadTest);
}

export const openLoadTestOf = async (db: Db, endpointId: string): Promise<number | null> =>
  (await db.loadTest.findFirst({ where: { endpointId, state: "open" }, select: { number: true } }))?.number ?? null;

type Ending = {
  readonly state: Exclude<LoadTestState, "open">;
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
  readonly problem?: string;
  readonly report?: LoadTestReport;
};

/** Ends a load test that is open; what comes after is another one. */
export async function endLoadTest(db: Db, test: Pick<LoadTestRecord, "id" | "rowVersion">, { report, ...ending }: Ending): Promise<void> {
  const done = await db.loadTest.updateMany({
    where: { id: test.id, rowVersion: test.rowVersion, state: "open" },
    data: { ...ending, ...(report === undefined ? {} : { report }), rowVersion: { increment: 1 } },
  });
  expectOneRow(done, "load test");
  await db.loadTestWork.updateMany({ where: { loadTestId: test.id }, data: { leasedUntil: null } });
}
