import path from "node:path";
import { z } from "zod";
import { parseS3Place, type S3Place } from "./s3/s3-place.ts";

const MIB = 1024 * 1024;
const port = z.coerce.number().int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** Settings of the control plane, by the names of docs/settings.md. */
const environment = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  DATABASE_URL: postgresUrl,
  SLIPWAY_DATA_DIR: z.string().min(1).default("./.slipway"),
  SLIPWAY_HOST: z.string().min(1).default("127.0.0.1"),
  SLIPWAY_PORT: port.default(3000),
  SLIPWAY_PUBLIC_URL: httpUrl.optional(),
  SLIPWAY_SECRET: z.string().min(32, "at least 32 characters"),
  SLIPWAY_INSTALL_ID: z.uuid().optional(),
  SLIPWAY_ARTIFACT_DIR: z.string().min(1).optional(),
  SLIPWAY_ARTIFACT_S3: z.url({ protocol: /^s3$/ }).optional(),
  SLIPWAY_ARTIFACT_CACHE_BYTES: z.coerce.number().int().min(64 * MIB).max(1024 ** 5).default(20 * 1024 * MIB),
  SLIPWAY_MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(MIB)
    .max(1024 ** 4)
    .default(2048 * MIB),
  SLIPWAY_RUNTIME_URL: httpUrl.optional(),
  SLIPWAY_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  SLIPWAY_DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(10),
  SLIPWAY_OIDC_ISSUER: httpUrl.optional(),
  SLIPWAY_OIDC_CLIENT_ID: z.string().min(1).optional(),
  SLIPWAY_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  SLIPWAY_OIDC_NAME: z.string().min(1).max(60).default("Single sign-on"),
  SLIPWAY_OIDC_GROUPS_CLAIM: z.string().min(1).max(120).default("groups"),
  SLIPWAY_OIDC_ROLE_MAP: z.string().max(10_000).default("*=viewer"),
  SLIPWAY_BATCH_DIR: z.string().min(1).optional(),
  SLIPWAY_BATCH_S3_BUCKETS: z.string().max(2000).optional(),
  SLIPWAY_BATCH_S3_ENDPOINT: httpUrl.optional(),
  SLIPWAY_BATCH_S3_REGION: z.string().min(1).max(60).default("us-east-1"),
  SLIPWAY_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(100_000).default(200),
  SLIPWAY_AUDIT_WITNESSES: z.string().max(5000).default(""),
  SLIPWAY_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  SLIPWAY_SMTP_FROM: z.string().min(3).max(200).optional(),
  SLIPWAY_OUTBOUND_ALLOW: z.string().max(10_000).default(""),
  SLIPWAY_KEEP_HOURS_DAYS: z.coerce.number().int().min(31).max(3660).default(400),
  SLIPWAY_KEEP_EVALUATIONS_DAYS: z.coerce.number().int().min(7).max(3660).default(400),
  SLIPWAY_LOG_LEVEL: z
    .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"])
    .default("info"),
});

export type OidcSettings = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  name: string;
  /** Claim of the ID token that lists the person's groups. */
  groupsClaim: string;
  /** `group=role[@environment], ...`; see lib/domain/access/oidc-roles.ts. */
  roleMap: string;
};

export type ControlPlaneSettings = {
  development: boolean;
  databaseUrl: string;
  /** Connections of one replica's pool. */
  databasePool: number;
  dataDirectory: string;
  /** Model files; with `artifactS3`, those that were read on this host lately. */
  artifactDirectory: string;
  /** A bucket in place of the directory, for several hosts. */
  artifactS3: { place: S3Place; copiesBytes: number } | null;
  host: string;
  port: number;
  /** What people and runtimes reach the control plane by; no slash at the end. */
  publicUrl: string;
  /** Signs sessions; at least 32 characters. */
  secret: string;
  /** Null: taken from the database. */
  installId: string | null;
  maxUploadBytes: number;
  /** Where people send inference requests, for the examples on the screens; null when unknown. */
  runtimeUrl: string | null;
  /** How many proxies in front may be believed in X-Forwarded-For; 0: none. */
  trustedProxies: number;
  oidc: OidcSettings | null;
  /** Where batch jobs may fetch rows from, beside uploads. */
  batchPlaces: {
    directory: string | null;
    s3: { endpoint: string | null; region: string; buckets: string[] } | null;
  };
  /** What one caller may ask on average; twice as much in one second at most. */
  requestsPerSecond: number;
  /** The mail server that messages go through; null: no e-mail. */
  mail: { url: string; from: string } | null;
  /** Where checkpoints of the audit trail are handed; `lib/server/audit/witness/parse-witnesses.ts` reads it. */
  auditWitnesses: string;
  /** Internal addresses that webhooks may go to; `lib/server/net/outbound-rules.ts` reads it. */
  outboundAllow: string;
  /** Days that hourly figures and drift evaluations are kept. */
  metricsKept: { hoursDays: number; evaluationsDays: number };
  /** Answers are compared with their contract before they are sent; off in production. */
  checksAnswers: boolean;
  logLevel: string;
};

/** The settings are wrong; `message` lists every one of them, a line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads the control plane's settings from environment variables; an empty variable counts as not set. Throws `SettingsError`. */
export function readControlPlaneSettings(
  variables: Readonly<Record<string, string | undefined>>,
): ControlPlaneSettings {
  const env = parseSettings(environment, variables);
  const dataDirectory = path.resolve(env.SLIPWAY_DATA_DIR);
  return {
    development: env.NODE_ENV === "development",
    databaseUrl: env.DATABASE_URL,
    databasePool: env.SLIPWAY_DATABASE_POOL,
    dataDirectory,
    ...artifactPlaceOf(env, dataDirectory),
    host: env.SLIPWAY_HOST,
    port: env.SLIPWAY_PORT,
    publicUrl: env.SLIPWAY_PUBLIC_URL ?? `http://${env.SLIPWAY_HOST}:${env.SLIPWAY_PORT}`,
    secret: env.SLIPWAY_SECRET,
    installId: env.SLIPWAY_INSTALL_ID ?? null,
    maxUploadBytes: env.SLIPWAY_MAX_UPLOAD_BYTES,
    runtimeUrl: env.SLIPWAY_RUNTIME_URL ?? null,
    trustedProxies: env.SLIPWAY_TRUSTED_PROXIES,
    oidc: readOidc(env),
    batchPlaces: {
      directory: env.SLIPWAY_BATCH_DIR === undefined ? null : path.resolve(env.SLIPWAY_BATCH_DIR),
      s3:
        env.SLIPWAY_BATCH_S3_BUCKETS === undefined
          ? null
          : {
              endpoint: env.SLIPWAY_BATCH_S3_ENDPOINT ?? null,
              region: env.SLIPWAY_BATCH_S3_REGION,
              buckets: env.SLIPWAY_BATCH_S3_BUCKETS.split(/[\s,]+/).filter((name) => name !== ""),
            },
    },
    requestsPerSecond: env.SLIPWAY_REQUESTS_PER_SECOND,
    mail: readMail(env),
    auditWitnesses: env.SLIPWAY_AUDIT_WITNESSES,
    outboundAllow: env.SLIPWAY_OUTBOUND_ALLOW,
    metricsKept: { hoursDays: env.SLIPWAY_KEEP_HOURS_DAYS, evaluationsDays: env.SLIPWAY_KEEP_EVALUATIONS_DAYS },
    checksAnswers: env.NODE_ENV !== "production",
    logLevel: env.SLIPWAY_LOG_LEVEL,
  };
}

function parseSettings<S extends z.ZodType>(schema: S, variables: Readonly<Record<string, string | undefined>>): z.output<S> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"));
}

/** What one PUT of the S3 protocol may carry. */
const S3_OBJECT_BYTES = 5 * 1024 * MIB;

const artifactPlace = environment.pick({ SLIPWAY_ARTIFACT_DIR: true, SLIPWAY_ARTIFACT_S3: true, SLIPWAY_ARTIFACT_CACHE_BYTES: true, SLIPWAY_MAX_UPLOAD_BYTES: true });
type ArtifactPlace = Pick<ControlPlaneSettings, "artifactDirectory" | "artifactS3">;

/** Where artifacts lie, for a command that has none of the other settings. Throws `SettingsError`. */
export function readArtifactPlace(variables: Readonly<Record<string, string | undefined>>, dataDirectory: string): ArtifactPlace {
  return artifactPlaceOf(parseSettings(artifactPlace, variables), dataDirectory);
}

function artifactPlaceOf(env: z.infer<typeof artifactPlace>, dataDirectory: string): ArtifactPlace {
  const artifactDirectory = path.resolve(env.SLIPWAY_ARTIFACT_DIR ?? path.join(dataDirectory, "artifacts"));
  if (env.SLIPWAY_ARTIFACT_S3 === undefined) return { artifactDirectory, artifactS3: null };
  const place = parseS3Place(new URL(env.SLIPWAY_ARTIFACT_S3));
  if (typeof place === "string") throw new SettingsError(`SLIPWAY_ARTIFACT_S3: it ${place}.`);
  if (env.SLIPWAY_MAX_UPLOAD_BYTES > S3_OBJECT_BYTES) throw new SettingsError(`SLIPWAY_MAX_UPLOAD_BYTES: at most ${String(S3_OBJECT_BYTES)} (5 GiB) with SLIPWAY_ARTIFACT_S3.`);
  return { artifactDirectory, artifactS3: { place, copiesBytes: env.SLIPWAY_ARTIFACT_CACHE_BYTES } };
}

function readOidc(env: z.infer<typeof environment>): OidcSettings | null {
  const {
    SLIPWAY_OIDC_ISSUER: issuer,
    SLIPWAY_OIDC_CLIENT_ID: clientId,
    SLIPWAY_OIDC_CLIENT_SECRET: clientSecret,
  } = env;
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return {
      issuer,
      clientId,
      clientSecret,
      name: env.SLIPWAY_OIDC_NAME,
      groupsClaim: env.SLIPWAY_OIDC_GROUPS_CLAIM,
      roleMap: env.SLIPWAY_OIDC_ROLE_MAP,
    };
  }
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return null;
  throw new SettingsError(
    "SLIPWAY_OIDC_ISSUER, SLIPWAY_OIDC_CLIENT_ID and SLIPWAY_OIDC_CLIENT_SECRET belong together: set all three or none.",
  );
}

function readMail({ SLIPWAY_SMTP_URL: url, SLIPWAY_SMTP_FROM: from }: z.infer<typeof environment>): ControlPlaneSettings["mail"] {
  if (url !== undefined && from !== undefined) return { url, from };
  if (url === undefined && from === undefined) return null;
  throw new SettingsError("SLIPWAY_SMTP_URL and SLIPWAY_SMTP_FROM belong together: set both or none.");
}
