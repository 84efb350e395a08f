import { type DesiredEndpoint, type DesiredState, type DesiredVersion, desiredArm, desiredEndpoint } from "#lib/contracts/runtime-protocol.ts";
import { DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration, type VersionSettings, versionSettings } from "#lib/domain/serving/runtime-configuration.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { desiredBaselines } from "./baseline-repository.ts";
import { isBatchWaiting } from "./batch-work.ts";
import { isEvaluationWaiting } from "./evaluation-work.ts";
import { isLoadTestWaiting } from "./load-test-work.ts";
import { desiredStreams } from "./stream-repository.ts";
import { changedConfigurations, type StoredConfiguration } from "./runtime-configuration-repository.ts";
import { upstreamsOf } from "./target-readings.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

const MODEL_HOST_TIMEOUT_MS = 10_000;
const WINDOW_SECONDS_IDLE = 10;
const WINDOW_SECONDS_RELEASE = 2;

const VERSION_WITH_FILES = { files: { orderBy: { role: "desc" } }, model: { select: { name: true } } } as const;
type VersionRow = Prisma.VersionGetPayload<{ include: typeof VERSION_WITH_FILES }>;

/** Short windows only while two arms are compared: a verdict should not wait, a quiet day should not fill the table. */
const isComparing = (arms: unknown): boolean => desiredArm.array().parse(arms).some(({ arm }) => arm === "candidate" || arm === "shadow");

/** Rises in the transaction that changes what runtimes should do; the row lock orders concurrent writers. */
export async function bumpDesiredRevision(db: Db): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "DesiredRevision" ("id", "revision") VALUES (1, 1)
    ON CONFLICT ("id") DO UPDATE SET "revision" = "DesiredRevision"."revision" + 1`;
}

/** Number of the newest desired state. */
export async function desiredRevision(db: Db): Promise<number> {
  const row = await db.desiredRevision.findUnique({ where: { id: 1 } });
  return Number(row?.revision ?? 0n);
}

/** What a runtime needs to load, check and warm one version. */
export function toDesiredVersion(row: VersionRow): DesiredVersion {
  return {
    versionId: row.id,
    modelName: row.model.name,
    versionName: row.name,
    digest: row.digest,
    // What the model host opens; files of dependencies stay where they are kept.
    files: row.files
      .filter(({ role }) => role === "model" || role === "external")
      .sort((a, b) => Number(b.role === "model") - Number(a.role === "model") || a.name.localeCompare(b.name))
      .map((file) => ({ name: file.name, digest: file.digest, sizeBytes: Number(file.sizeBytes) })),
    signature: row.signature,
    contract: row.contract,
    golden: Array.isArray(row.golden) ? row.golden : [],
    session: { intraOpThreads: 1, hosts: 1, memoryLimitBytes: null, timeoutMs: MODEL_HOST_TIMEOUT_MS },
    labelOutput: row.labelOutput,
    ...(row.quarantineLifts === 0 ? {} : { quarantineLifts: row.quarantineLifts }),
  };
}

/** Limits of an endpoint as runtimes read them; what the configuration leaves open is left out, for the runtime's own. */
function limitsOf({ limits }: RuntimeConfiguration): NonNullable<DesiredEndpoint["limits"]> {
  const { maxConcurrency, maxQueued, timeoutMs, share } = limits;
  return {
    share,
    ...(maxConcurrency === null ? {} : { maxConcurrency }),
    ...(maxQueued === null ? {} : { maxQueued }),
    ...(timeoutMs === null ? {} : { timeoutMs }),
  };
}

const configured = (stored: StoredConfiguration | undefined): Pick<DesiredEndpoint, "limits" | "targetUtilisation" | "configurationDigest"> =>
  stored === undefined
    ? {}
    : { limits: limitsOf(stored.configuration), targetUtilisation: stored.configuration.scaling.targetUtilisation, configurationDigest: stored.digest };

/** Names what a version is loaded by; another one, and runtimes load it anew beside the old. */
const settingsDigest = (settings: VersionSettings): string => contentDigest(asJson(settings));

function withSettings(version: DesiredVersion, settings: VersionSettings): DesiredVersion {
  const { batching, hosts, environment, timeoutMs } = settings;
  return {
    ...version,
    session: {
      ...version.session,
      hosts: hosts.count,
      memoryLimitBytes: hosts.memoryLimitBytes,
      // A host is given up for hung only after the longest wait that an endpoint of it allows.
      timeoutMs: Math.max(version.session.timeoutMs, timeoutMs ?? 0),
      batching: { ...batching, preferredRows: [...batching.preferredRows] },
    },
    environmentLock: { ...environment.lock },
    onLockMismatch: environment.onLockMismatch,
    settingsDigest: settingsDigest(settings),
  };
}

/** The version with its files, for a job; null when there is none. */
export async function desiredVersion(db: Db, versionId: string): Promise<DesiredVersion | null> {
  const row = await db.version.findUnique({ where: { id: versionId }, include: VERSION_WITH_FILES });
  return row ? toDesiredVersion(row) : null;
}

/** Versions with where other servers run them. */
async function withUpstreams(db: Db, versions: readonly DesiredVersion[]): Promise<DesiredVersion[]> {
  const upstreams = await upstreamsOf(db, versions.map(({ versionId }) => versionId));
  return versions.map((version) => {
    const upstream = upstreams.get(version.versionId);
    return upstream === undefined ? version : { ...version, upstream };
  });
}

/**
 * Tokens that let their bearer choose a version, as runtimes look them up. One that is bound to networks is not among them: runtimes behind a
 * load balancer cannot tell where a caller is.
 */
async function pinTokens(db: Db): Promise<NonNullable<DesiredState["pinTokens"]>> {
  const rows = await db.apiToken.findMany({
    where: { scopes: { has: "pin" }, revokedAt: null, allowedIps: { isEmpty: true }, OR: [{ userId: null }, { user: { disabledAt: null } }] },
    select: { tokenHash: true, expiresAt: true },
    orderBy: { createdAt: "desc" },
    take: 10_000,
  });
  return rows.map(({ tokenHash, expiresAt }) => ({ sha256: tokenHash, expiresAt: expiresAt?.toISOString() ?? null }));
}

/**
 * Everything every runtime should do now: each endpoint's newest route table and the versions named in it.
 * A version at weight 0 is still listed: that is how a candidate is provisioned and a previous stable kept warm.
 */
export async function readDesiredState(db: Db): Promise<DesiredState> {
  // Revision first: if a change lands between the reads, the next poll sees a higher revision and reads again.
  const revision = await desiredRevision(db);
  const [{ now }] = await db.$queryRaw<[{ now: Date }]>`SELECT now() AS "now"`;
  const routes = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON (r."endpointId") r."id" FROM "RouteTable" r JOIN "Endpoint" e ON e."id" = r."endpointId"
    WHERE e."pattern" = 'online' ORDER BY r."endpointId", r."epoch" DESC`;
  const tables = await db.routeTable.findMany({
    where: { id: { in: routes.map((route) => route.id) } },
    include: { endpoint: { include: { environment: { select: { name: true } } } } },
  });
  const configurations = await changedConfigurations(db);
  const endpoints = tables.map((table) =>
    desiredEndpoint.parse({
      endpointId: table.endpointId,
      name: table.endpoint.name,
      environment: table.endpoint.environment.name,
      epoch: Number(table.epoch),
      salt: table.salt,
      releaseId: table.releaseId,
      arms: desiredArm.array().parse(table.arms),
      windowSeconds: isComparing(table.arms) ? WINDOW_SECONDS_RELEASE : WINDOW_SECONDS_IDLE,
      latencyThresholdsUs: table.latencyThresholdsUs,
      leaseSeconds: table.leaseSeconds,
      ...configured(configurations.get(table.endpointId)),
    }),
  );
  const versionIds = [...new Set(endpoints.flatMap((endpoint) => endpoint.arms.map((arm) => arm.versionId)))];
  const versions = await db.version.findMany({ where: { id: { in: versionIds } }, include: VERSION_WITH_FILES });
  const settingsOf = (versionId: string): VersionSettings =>
    versionSettings(
      endpoints
        .filter(({ arms }) => arms.some((arm) => arm.versionId === versionId))
        .map(({ endpointId }) => configurations.get(endpointId)?.configuration ?? DEFAULT_RUNTIME_CONFIGURATION),
    );
  const jobsWaiting = (await db.job.count({ where: { state: "waiting" } })) > 0;
  return {
    revision,
    databaseTime: now.toISOString(),
    endpoints,
    versions: await withUpstreams(
      db,
      versions.map((row) => withSettings(toDesiredVersion(row), settingsOf(row.id))),
    ),
    jobsWaiting,
    baselines: await desiredBaselines(db, versionIds),
    pinTokens: await pinTokens(db),
    batchWaiting: (await isBatchWaiting(db)) || (await isEvaluationWaiting(db)),
    ...((await isLoadTestWaiting(db)) ? { loadTestWaiting: true } : {}),
    streams: await desiredStreams(db),
  };
}
