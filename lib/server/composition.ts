import type { SignedManifest } from "#lib/contracts/release-manifest.ts";
import { manifestDigest, manifestNoteText } from "#lib/domain/governance/manifest-note.ts";
import { type OidcRoleRule, parseRoleRules } from "#lib/domain/access/oidc-roles.ts";
import type { Permission } from "#lib/domain/access/permissions.ts";
import type { AppError } from "#lib/domain/errors.ts";
import { type Acts, actsOn } from "./acts.ts";
import { auditFiles } from "./audit/audit-files.ts";
import type { ArtifactStore } from "./artifacts/artifact-store.ts";
import { openArtifactStore } from "./artifacts/open-artifact-store.ts";
import type { UploadRequest } from "./artifacts/receive-upload.ts";
import { type AuditDesk, createAuditDesk } from "./audit/audit-desk.ts";
import { createReviewDesk, type ReviewDesk } from "./review/review-desk.ts";
import { parseWitnesses } from "./audit/witness/parse-witnesses.ts";
import { createWitnessDesk, type WitnessDesk } from "./audit/witness/witness-desk.ts";
import { type AuditTrail, openAuditTrail } from "./audit/audit-trail.ts";
import { type Authentication, createAuthentication } from "./auth/authentication.ts";
import { receiveBatchInput, receiveEvaluationData } from "./batch/receive-input.ts";
import { receiveBatchPart } from "./batch/serve-batch.ts";
import { startBatchChange, startBatchJob } from "./batch/start-batch.ts";
import { checkOpenId, providerSignOutUrl } from "./auth/check-openid.ts";
import { type Background, startBackground } from "./background.ts";
import { sha256 } from "./audit/sha256.ts";
import { asJson } from "./content-digest.ts";
import { readManifest } from "./governance/read-manifest.ts";
import { openDatabase } from "./db/client.ts";
import type { InstallRecord } from "./db/install-repository.ts";
import { appendAuditEntry, auditTransactions, prismaAuditStore } from "./db/prisma-audit-store.ts";
import { prismaStore } from "./db/store.ts";
import { type ControlPlaneSettings, SettingsError } from "./env.ts";
import { type Bus, createBus } from "./events/bus.ts";
import { type Logger, createLogger } from "./logger.ts";
import { recordDenial } from "./access.ts";
import { createDeviceDesk, type DeviceDesk } from "./edge/device-desk.ts";
import { type Directory, createDirectory } from "./people/directory.ts";
import { type MlflowDesk, createMlflowDesk } from "./mlflow/mlflow-desk.ts";
import type { Actor } from "./ports.ts";
import { type CallerKind, type RateStanding, createRequestLimits } from "./rate-limit.ts";
import { type MessageDesk, createMessageDesk } from "./outgoing/message-desk.ts";
import { receiveArtifact, registerByDigest, registerUploaded } from "./registry/receive-version.ts";
import { type ArtifactDesk, createArtifactDesk } from "./registry/artifact-desk.ts";
import { restoreBinding, withCredentials } from "./targets/watch-targets.ts";
import type { DesiredState } from "#lib/contracts/runtime-protocol.ts";
import { tryVersion } from "./registry/run-try.ts";
import { type Readiness, readinessOf } from "./readiness.ts";
import type { Store } from "./store.ts";

export type { UploadRequest } from "./artifacts/receive-upload.ts";

/** The control plane's parts, put together once per process. */
export type App = Acts & {
  readonly settings: ControlPlaneSettings;
  readonly logger: Logger;
  readonly store: Store;
  readonly bus: Bus;
  readonly auth: Authentication;
  /** Nobody but this machine can reach it: the one place for a demonstration. */
  readonly onThisMachineOnly: boolean;
  /** Counts one request of this caller, or throws `rate_limited`. */
  limitRequests(kind: CallerKind, key: string): RateStanding;
  /** Writes a refusal at the door into the trail; those inside a use case are written there. */
  recordDenial(actor: Actor, attempt: { readonly name: string; readonly permission: Permission }, error: AppError): Promise<void>;
  /** Which installation this is. Rejects until `scripts/bootstrap-install.ts` has run. */
  install(): Promise<InstallRecord>;
  /** The audit trail with its key; opened at first use. */
  trail(): Promise<AuditTrail>;
  /** Places outside that keep checkpoints. */
  readonly witnessDesk: WitnessDesk;
  /** Reading, proving, verifying and exporting the trail. */
  readonly audit: AuditDesk;
  /** How single sign-on is set up and whether the provider answers now; null when it is not set up. */
  describeSingleSignOn(): Promise<SingleSignOn | null>;
  /** Where the provider signs this person out; null when they did not come in by it. */
  providerSignOut(actor: Actor): Promise<string | null>;
  /** Samples, work papers and findings. */
  readonly reviewDesk: ReviewDesk;
  /** People and groups as a directory provisions them. */
  readonly directory: Directory;
  /** What devices ask, each by its own key. */
  readonly deviceDesk: DeviceDesk;
  /** What MLflow clients ask: files, runs, versions from a source, aliases that are governed. */
  readonly mlflowDesk: MlflowDesk;
  /** Pictures, comparisons and new readings of registered versions. */
  readonly artifactDesk: ArtifactDesk;
  /** Where artifact bytes live; opened at first use. */
  artifacts(): Promise<ArtifactStore>;
  receiveArtifact(actor: Actor, request: UploadRequest): ReturnType<typeof receiveArtifact>;
  registerUploaded(actor: Actor, model: string, request: UploadRequest): ReturnType<typeof registerUploaded>;
  registerByDigest(actor: Actor, model: string, body: unknown): ReturnType<typeof registerByDigest>;
  /** The release's manifest, signed with the audit key. By number or id. */
  releaseManifest(actor: Actor, release: { number: number } | { id: string }): Promise<SignedManifest>;
  tryVersion(actor: Actor, input: Parameters<ReturnType<typeof tryVersion>>[1]): ReturnType<ReturnType<typeof tryVersion>>;
  receiveBatchInput(actor: Actor, file: Parameters<typeof receiveBatchInput>[2]): ReturnType<typeof receiveBatchInput>;
  receiveEvaluationData(actor: Actor, file: Parameters<typeof receiveEvaluationData>[2]): ReturnType<typeof receiveEvaluationData>;
  receiveBatchPart(actor: Actor, bytes: AsyncIterable<Uint8Array>): Promise<{ digest: string; sizeBytes: number }>;
  restoreBinding(actor: Actor, input: Parameters<typeof restoreBinding>[2]): ReturnType<typeof restoreBinding>;
  /** For runtimes only: the state with the credentials of other servers in it. */
  withCredentials(state: DesiredState): Promise<DesiredState>;
  startBatchJob(actor: Actor, body: Parameters<typeof startBatchJob>[2]): ReturnType<typeof startBatchJob>;
  startBatchChange(actor: Actor, body: Parameters<typeof startBatchChange>[2]): ReturnType<typeof startBatchChange>;
  /** Channels and the messages that go out to them. */
  readonly messages: MessageDesk;
  /** Controller, event bus, checkpoint signer. Does not reject when the database is away: each part goes on trying. */
  startBackground(): Promise<void>;
  readiness(): Promise<Readiness>;
  /** Ends the background, then the connections. */
  stop(): Promise<void>;
};

export type SingleSignOn = {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  readonly check: { readonly ok: boolean; readonly message: string; readonly signsOut: boolean };
  readonly rules: readonly OidcRoleRule[];
};

/** An App with its connections and services; does nothing until asked. A process that serves pages makes one (`server.ts`); tests and scripts make their own. */
export function createApp(settings: ControlPlaneSettings): App {
  const logger = createLogger(settings.logLevel);
  const pool = {
    url: settings.databaseUrl,
    onError: (error: Error) => logger.warn({ err: error }, "a database connection failed"),
  };
  const half = Math.max(1, Math.floor(settings.databasePool / 2));
  const writer = openDatabase({ ...pool, applicationName: "slipway", maxConnections: settings.databasePool - half, readOnly: false });
  const reader = openDatabase({ ...pool, applicationName: "slipway-read", maxConnections: half, readOnly: true });
  const store = prismaStore(writer, reader, appendAuditEntry);
  const bus = createBus(
    settings.databaseUrl,
    {
      newestSeq: () => store.read((db) => db.trail.newestSeq()),
      topicsAfter: (seq, limit) => store.read((db) => db.trail.trailTopicsAfter(seq, limit)),
    },
    logger,
  );
  const install = once(async () => {
    const record = await store.read((db) => db.install.findInstall());
    if (record === null) throw new Error("This installation is not set up: run scripts/bootstrap-install.ts.");
    return record;
  });
  const trail = once(async () =>
    openAuditTrail({
      store: prismaAuditStore(reader),
      transact: auditTransactions(writer),
      snapshot: auditTransactions(reader, { snapshot: true }),
      files: auditFiles(settings.dataDirectory),
      origin: `slipway.local/${(await install()).installId}`,
    }),
  );
  const auditStore = prismaAuditStore(reader);
  const witnessDesk = createWitnessDesk({ store, auditStore, witnesses: witnessesOf(settings), trustedKeys: async () => (await trail()).trustedKeys() });
  const onThisMachineOnly = isLoopback(settings.host) && isLoopback(new URL(settings.publicUrl).hostname);
  const auth = createAuthentication({
    store,
    install,
    isLoopback: onThisMachineOnly,
    oidcRules: oidcRulesOf(settings),
  });
  const artifacts = once(() => openArtifactStore(settings));
  const registry = async () => ({ store, artifacts: await artifacts(), maxUploadBytes: settings.maxUploadBytes });
  const targetDesk = { store, secret: settings.secret };
  const batchDesk = async () => ({ ...(await registry()), places: settings.batchPlaces });
  const messages = createMessageDesk(store, settings);
  const artifactDesk = createArtifactDesk(registry);
  let background: Background | null = null;
  const app: App = {
    ...actsOn(store),
    settings, logger, store, bus, auth, install, trail, artifacts, onThisMachineOnly, messages, witnessDesk,
    reviewDesk: createReviewDesk({ store, auditStore }),
    audit: createAuditDesk({ store, auditStore, trail, witnessDesk }),
    async describeSingleSignOn() {
      const { oidc } = settings;
      if (oidc === null) return null;
      const { ok, message, endSessionEndpoint } = await checkOpenId(oidc);
      const { name, issuer, clientId, groupsClaim } = oidc;
      return { name, issuer, clientId, groupsClaim, rules: oidcRulesOf(settings), check: { ok, message, signsOut: endSessionEndpoint !== null } };
    },
    async providerSignOut(actor) {
      if (settings.oidc === null || (actor.authMethod !== "oidc" && actor.authMethod !== "oidc_again")) return null;
      const { endSessionEndpoint } = await checkOpenId(settings.oidc);
      return endSessionEndpoint === null ? null : providerSignOutUrl(settings.oidc, endSessionEndpoint, settings.publicUrl);
    },
    directory: createDirectory(store, oidcRulesOf(settings)),
    deviceDesk: createDeviceDesk({ store, trail }),
    mlflowDesk: createMlflowDesk(registry),
    artifactDesk,
    receiveArtifact: async (actor, request) => receiveArtifact(await registry(), actor, request),
    registerUploaded: async (actor, model, request) => registerUploaded(await registry(), actor, model, request),
    registerByDigest: async (actor, model, body) => registerByDigest(await registry(), actor, model, body),
    async releaseManifest(actor, release) {
      const opened = await trail();
      const manifest = await readManifest(store)(actor, { release, origin: opened.origin });
      const note = await opened.signStatement(manifestNoteText(opened.origin, manifestDigest(asJson(manifest), sha256)));
      return { manifest, note };
    },
    tryVersion: tryVersion({ store, bus }),
    receiveBatchInput: async (actor, file) => receiveBatchInput(await registry(), actor, file),
    receiveEvaluationData: async (actor, file) => receiveEvaluationData(await registry(), actor, file),
    receiveBatchPart: async (actor, bytes) => receiveBatchPart(await artifacts(), settings.maxUploadBytes)(actor, bytes),
    restoreBinding: (actor, input) => restoreBinding(targetDesk, actor, input),
    withCredentials: (state) => withCredentials(targetDesk, state),
    startBatchJob: async (actor, body) => startBatchJob(await batchDesk(), actor, body),
    startBatchChange: async (actor, body) => startBatchChange(await batchDesk(), actor, body),
    limitRequests: createRequestLimits(settings.requestsPerSecond),
    recordDenial: (actor, attempt, error) => recordDenial(store, actor, attempt, null, error),
    async startBackground() {
      background ??= startBackground({ store, bus, trail, logger, artifacts, batchDesk, messages, artifactDesk, targetDesk, witnessDesk, settings });
      await background.started;
    },
    readiness: () => readinessOf({ store, install, trail, witnesses: witnessDesk.witnesses.map(({ name }) => name) }),
    async stop() {
      await background?.stop();
      await bus.stop();
      await Promise.all([writer.$disconnect(), reader.$disconnect()]);
    },
  };
  return app;
}

/** Answers the first success for good; a failure is tried again by the next caller. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);

function witnessesOf({ auditWitnesses }: ControlPlaneSettings) {
  const parsed = parseWitnesses(auditWitnesses);
  if ("problem" in parsed) throw new SettingsError(`SLIPWAY_AUDIT_WITNESSES: ${parsed.problem}.`);
  return parsed;
}

function oidcRulesOf({ oidc }: ControlPlaneSettings): readonly OidcRoleRule[] {
  const parsed = parseRoleRules(oidc?.roleMap ?? "");
  if ("problem" in parsed) {
    throw new SettingsError(`SLIPWAY_OIDC_ROLE_MAP: "${parsed.problem}" is not group=role or group=role@environment.`);
  }
  return parsed.rules;
}
