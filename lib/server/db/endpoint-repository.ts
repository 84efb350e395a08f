import { type EnvironmentPolicy, environmentPolicy } from "#lib/contracts/environment-policy.ts";
import { endpointPattern, type EndpointPattern } from "#lib/contracts/registry-api.ts";
import { type ArmRole, desiredArm } from "#lib/contracts/runtime-protocol.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import type { RouteArm, RouteCause, RouteTable } from "#lib/domain/routing/route-table.ts";
import { bumpDesiredRevision } from "./desired-state.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type EnvironmentRecord = {
  readonly id: string;
  readonly name: string;
  readonly policy: EnvironmentPolicy;
  readonly demo: boolean;
  readonly rowVersion: number;
};

export type EndpointRecord = {
  readonly id: string;
  readonly name: string;
  readonly environment: EnvironmentRecord;
  readonly modelId: string;
  readonly modelName: string;
  readonly stableVersionId: string | null;
  readonly epoch: number;
  /** Which way it is used; only `online` ones are routed by runtimes. */
  readonly pattern: EndpointPattern;
  readonly rowVersion: number;
};

const WITH_HOME = { environment: true, model: { select: { name: true } } } as const;
type EndpointRow = Prisma.EndpointGetPayload<{ include: typeof WITH_HOME }>;
type EnvironmentRow = Prisma.EnvironmentGetPayload<object>;

const toEnvironment = (row: EnvironmentRow): EnvironmentRecord => ({
  id: row.id,
  name: row.name,
  policy: environmentPolicy.parse(row.policy),
  demo: row.demo,
  rowVersion: row.rowVersion,
});

const toEndpoint = (row: EndpointRow): EndpointRecord => ({
  id: row.id,
  name: row.name,
  environment: toEnvironment(row.environment),
  modelId: row.modelId,
  modelName: row.model.name,
  stableVersionId: row.stableVersionId,
  epoch: Number(row.epoch),
  pattern: endpointPattern.parse(row.pattern),
  rowVersion: row.rowVersion,
});

export async function listEnvironments(db: Db): Promise<EnvironmentRecord[]> {
  return (await db.environment.findMany({ orderBy: { name: "asc" } })).map(toEnvironment);
}

export async function findEnvironment(db: Db, name: string): Promise<EnvironmentRecord | null> {
  const row = await db.environment.findUnique({ where: { name } });
  return row ? toEnvironment(row) : null;
}

export async function insertEnvironment(
  db: Db,
  environment: { id: string; name: string; policy: EnvironmentPolicy; demo: boolean },
): Promise<void> {
  await db.environment.create({ data: environment });
}

export async function savePolicy(db: Db, environment: EnvironmentRecord, policy: EnvironmentPolicy): Promise<void> {
  expectOneRow(
    await db.environment.updateMany({
      where: { id: environment.id, rowVersion: environment.rowVersion },
      data: { policy, rowVersion: { increment: 1 } },
    }),
    "environment",
  );
}

/** The endpoint of this name, or by id; throws not_found. */
export async function getEndpoint(db: Db, by: { name: string } | { id: string }): Promise<EndpointRecord> {
  const row = await db.endpoint.findUnique({ where: by, include: WITH_HOME });
  if (!row) throw notFound();
  return toEndpoint(row);
}

export async function listEndpoints(db: Db): Promise<EndpointRecord[]> {
  return (await db.endpoint.findMany({ include: WITH_HOME, orderBy: { name: "asc" } })).map(toEndpoint);
}

export async function insertEndpoint(
  db: Db,
  endpoint: { id: string; name: string; environmentId: string; modelId: string; createdById: string; demo: boolean; pattern?: EndpointPattern },
): Promise<void> {
  await db.endpoint.create({ data: endpoint });
}

/** Names the version that is live. Done on creation and at promotion only. */
export async function setStableVersion(db: Db, endpointId: string, versionId: string): Promise<void> {
  await db.endpoint.update({
    where: { id: endpointId },
    data: { stableVersionId: versionId, rowVersion: { increment: 1 } },
  });
}

export type NewRoute = {
  readonly id: string;
  readonly endpointId: string;
  /** Given where a decision named it already; it must be above every epoch so far. Left out: the next one. */
  readonly epoch?: number;
  readonly salt: string;
  readonly releaseId: string | null;
  readonly arms: readonly RouteArm[];
  readonly latencyThresholdsUs: { readonly p95: number; readonly p99: number } | null;
  readonly leaseSeconds: number | null;
  readonly cause: RouteCause;
  readonly actor: string;
};

/** Appends the next route table of an endpoint; answers its epoch. The row lock on the endpoint orders writers. */
export async function appendRoute(db: Db, route: NewRoute): Promise<number> {
  const [row] = await db.$queryRaw<{ epoch: bigint }[]>`
    UPDATE "Endpoint" SET "epoch" = COALESCE(${route.epoch ?? null}::bigint, "epoch" + 1)
    WHERE "id" = ${route.endpointId}::uuid AND "epoch" < COALESCE(${route.epoch ?? null}::bigint, "epoch" + 1)
    RETURNING "epoch"`;
  if (!row) throw new AppError("conflict", "The endpoint's traffic was changed in the meantime.", { hint: "Look again and decide again." });
  await db.$executeRaw`
    INSERT INTO "RouteTable" ("id", "endpointId", "epoch", "salt", "releaseId", "arms", "latencyThresholdsUs",
      "leaseSeconds", "cause", "actor")
    VALUES (${route.id}::uuid, ${route.endpointId}::uuid, ${row.epoch}, ${route.salt}, ${route.releaseId}::uuid,
      ${JSON.stringify(route.arms)}::jsonb,
      ${route.latencyThresholdsUs === null ? null : JSON.stringify(route.latencyThresholdsUs)}::jsonb,
      ${route.leaseSeconds}::int, ${route.cause}, ${route.actor})`;
  await bumpDesiredRevision(db);
  return Number(row.epoch);
}

export type StoredRoute = RouteTable & {
  readonly latencyThresholdsUs: { readonly p95: number; readonly p99: number } | null;
  readonly actor: string;
  readonly createdAt: Date;
};

type RouteRow = Prisma.RouteTableGetPayload<object>;

export const toRoute = (row: RouteRow): StoredRoute => ({
  endpointId: row.endpointId,
  epoch: Number(row.epoch),
  salt: row.salt,
  releaseId: row.releaseId,
  arms: desiredArm.array().parse(row.arms),
  leaseSeconds: row.leaseSeconds,
  // Written by appendRoute from the same type and by nothing else.
  cause: row.cause as RouteCause,
  latencyThresholdsUs: row.latencyThresholdsUs as StoredRoute["latencyThresholdsUs"],
  actor: row.actor,
  createdAt: row.createdAt,
});

/** The route table in force, or null before the first deployment. */
export async function currentRoute(db: Db, endpointId: string): Promise<StoredRoute | null> {
  const row = await db.routeTable.findFirst({ where: { endpointId }, orderBy: { epoch: "desc" } });
  return row ? toRoute(row) : null;
}

/** Every route table of a release, oldest first: the history of its weights. */
export async function routesOfRelease(db: Db, releaseId: string): Promise<StoredRoute[]> {
  return (await db.routeTable.findMany({ where: { releaseId }, orderBy: { epoch: "asc" } })).map(toRoute);
}

/** The newest route tables of an endpoint, newest first. */
export async function recentRoutes(db: Db, endpointId: string, limit: number): Promise<StoredRoute[]> {
  return (await db.routeTable.findMany({ where: { endpointId }, orderBy: { epoch: "desc" }, take: limit })).map(toRoute);
}

/** The route table that was in force at a moment, or null when there was none. */
export async function routeAt(db: Db, endpointId: string, at: Date): Promise<StoredRoute | null> {
  const row = await db.routeTable.findFirst({
    where: { endpointId, createdAt: { lte: at } },
    orderBy: { epoch: "desc" },
  });
  return row ? toRoute(row) : null;
}

export type DeploymentRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly versionId: string;
  readonly versionName: string;
  readonly versionDigest: string;
  readonly target: string;
  readonly releaseId: string | null;
  readonly startedAt: Date;
  readonly startedBy: string;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
};

const WITH_VERSION = { version: { select: { name: true, digest: true } } } as const;
type DeploymentRow = Prisma.DeploymentGetPayload<{ include: typeof WITH_VERSION }>;

const toDeployment = ({ version, resources: _resources, ...row }: DeploymentRow): DeploymentRecord => ({
  ...row,
  versionName: version.name,
  versionDigest: version.digest,
});

/** A version comes onto an endpoint. */
export async function startDeployment(
  db: Db,
  deployment: { id: string; endpointId: string; versionId: string; releaseId: string | null; startedBy: string },
): Promise<void> {
  await db.deployment.create({ data: { ...deployment, resources: {} } });
}

/** A version leaves an endpoint; false when it was not there. */
export async function endDeployment(
  db: Db,
  end: { endpointId: string; versionId: string; endedBy: string; endReason: string },
): Promise<boolean> {
  const ended = await db.$executeRaw`
    UPDATE "Deployment" SET "endedAt" = now(), "endedBy" = ${end.endedBy}, "endReason" = ${end.endReason}
    WHERE "endpointId" = ${end.endpointId}::uuid AND "versionId" = ${end.versionId}::uuid AND "endedAt" IS NULL`;
  return ended > 0;
}

/** What was on an endpoint at a moment. */
export async function deploymentsAt(db: Db, endpointId: string, at: Date): Promise<DeploymentRecord[]> {
  const rows = await db.deployment.findMany({
    where: { endpointId, startedAt: { lte: at }, OR: [{ endedAt: null }, { endedAt: { gt: at } }] },
    include: WITH_VERSION,
    orderBy: { startedAt: "asc" },
  });
  return rows.map(toDeployment);
}

export async function deploymentsOf(
  db: Db,
  where: { endpointId: string } | { versionId: string },
  limit: number,
): Promise<DeploymentRecord[]> {
  const rows = await db.deployment.findMany({ where, include: WITH_VERSION, orderBy: { startedAt: "desc" }, take: limit });
  return rows.map(toDeployment);
}

/** Which role each version has on an endpoint now. */
export const roleOf = (route: StoredRoute, versionId: string): ArmRole | null =>
  route.arms.find((arm) => arm.versionId === versionId)?.arm ?? null;

/** What is on an endpoint now. */
export async function openDeployments(db: Db, endpointId: string): Promise<DeploymentRecord[]> {
  const rows = await db.deployment.findMany({ where: { endpointId, endedAt: null }, include: WITH_VERSION, orderBy: { startedAt: "asc" } });
  return rows.map(toDeployment);
}
