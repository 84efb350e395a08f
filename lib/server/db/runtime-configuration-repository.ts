import { runtimeConfiguration } from "#lib/contracts/runtime-configuration.ts";
import { AppError } from "#lib/domain/errors.ts";
import { DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type StoredConfiguration = {
  readonly configuration: RuntimeConfiguration;
  /** SHA-256 of the content in canonical form. */
  readonly digest: string;
  /** How often it was changed; 0: the defaults. */
  readonly number: number;
};

export type ConfigurationChange = StoredConfiguration & { readonly reason: string; readonly createdById: string; readonly createdAt: Date };

export const digestOfConfiguration = (configuration: RuntimeConfiguration): string => contentDigest(asJson(configuration));

const DEFAULTS: StoredConfiguration = {
  configuration: DEFAULT_RUNTIME_CONFIGURATION,
  digest: digestOfConfiguration(DEFAULT_RUNTIME_CONFIGURATION),
  number: 0,
};

type Row = Prisma.RuntimeConfigurationGetPayload<object>;
const toChange = ({ content, digest, number, reason, createdById, createdAt }: Row): ConfigurationChange => ({
  configuration: runtimeConfiguration.parse(content), digest, number, reason, createdById, createdAt,
});

/** What an endpoint is served by now. */
export async function configurationOf(db: Db, endpointId: string): Promise<StoredConfiguration> {
  const row = await db.runtimeConfiguration.findFirst({ where: { endpointId }, orderBy: { number: "desc" } });
  return row === null ? DEFAULTS : toChange(row);
}

/** What it was served by at that moment, and since when; null: since it was made, by the defaults. */
export async function configurationAt(db: Db, endpointId: string, at: Date): Promise<StoredConfiguration & { readonly createdAt: Date | null }> {
  const row = await db.runtimeConfiguration.findFirst({ where: { endpointId, createdAt: { lte: at } }, orderBy: { number: "desc" } });
  return row === null ? { ...DEFAULTS, createdAt: null } : toChange(row);
}

/** The same for every endpoint where somebody has changed it. */
export async function changedConfigurations(db: Db): Promise<ReadonlyMap<string, StoredConfiguration>> {
  const rows = await db.runtimeConfiguration.findMany({ distinct: ["endpointId"], orderBy: [{ endpointId: "asc" }, { number: "desc" }] });
  return new Map(rows.map((row) => [row.endpointId, toChange(row)]));
}

/** What it was served by, newest first. */
export async function configurationHistory(db: Db, endpointId: string, limit: number): Promise<ConfigurationChange[]> {
  return (await db.runtimeConfiguration.findMany({ where: { endpointId }, orderBy: { number: "desc" }, take: limit })).map(toChange);
}

/** Puts a configuration in force after the one that was seen. Throws stale_version. */
export async function appendConfiguration(
  db: Db,
  change: { readonly id: string; readonly endpointId: string; readonly configuration: RuntimeConfiguration; readonly reason: string; readonly createdById: string },
  seen: StoredConfiguration,
): Promise<StoredConfiguration> {
  const { configuration, ...row } = change;
  const next = { number: seen.number + 1, digest: digestOfConfiguration(configuration) };
  const added = await db.runtimeConfiguration.createMany({
    data: { ...row, ...next, content: asJson(configuration) as Prisma.InputJsonValue },
    skipDuplicates: true,
  });
  if (added.count !== 1) throw new AppError("stale_version", "The runtime configuration was changed in the meantime.", { hint: "Look again and decide again." });
  return { configuration, ...next };
}
