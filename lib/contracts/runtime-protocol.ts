import { z } from "zod";
import { batchingSettings } from "./runtime-configuration.ts";
import { desiredStream } from "./streams.ts";
import { desiredUpstream } from "./upstream.ts";
import {
  labelErrors,
  labelPairs,
  monitoringBaseline,
  monitoringCounts,
  outcomeValues,
  reasonCounts,
  runtimeSignals,
} from "./runtime-telemetry.ts";

/**
 * What crosses the line between control plane and runtime, under `/api/runtime/v1/`.
 *
 * Desired state goes down as one document per runtime with a rising `revision` (long poll);
 * acks, cumulative windows and job results come up. Every message may be lost, repeated or reordered:
 * state is level-triggered, windows are keyed and carry `seq`, acks name the epoch they speak of.
 */

const id = z.string().min(1).max(64);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const basisPoints = z.number().int().min(0).max(10_000);
const instant = z.iso.datetime({ offset: false });

export const armRoles = ["stable", "candidate", "previous", "shadow"] as const;
export const armRole = z.enum(armRoles);
export type ArmRole = z.output<typeof armRole>;

/** POST register. A runtime says who it is at each start; `bootId` is new at each process start. */
export const registerRuntimeRequest = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
  bootId: z.uuid(),
  role: z.enum(["serve", "batch", "stream", "edge"]),
  slipwayVersion: z.string().max(32),
  httpUrl: z.url().max(256),
  grpcUrl: z.string().max(256).nullable(),
  cpuCount: z.number().int().min(1).max(4096),
  memoryBytes: count,
  /** What this runtime really runs on: what a version's dependency lock is compared with. */
  environment: z
    .strictObject({
      node: z.string().max(32),
      onnxRuntime: z.string().max(32),
      platform: z.string().max(32),
      architecture: z.string().max(32),
      cpuModel: z.string().max(128),
      cpuFeatures: z.array(z.string().max(32)).max(256),
      executionProviders: z.array(z.string().max(32)).max(16),
      /** SHA-256 of the package lock that the runtime was installed from; null when it is not there. */
      packageLock: digest.nullable(),
    })
    .optional(),
});
export type RegisterRuntimeRequest = z.output<typeof registerRuntimeRequest>;

export const registerRuntimeResponse = z.object({
  runtimeId: id,
  heartbeatSeconds: z.number().int().min(1),
  databaseTime: instant,
});
export type RegisterRuntimeResponse = z.output<typeof registerRuntimeResponse>;

export const desiredFile = z.object({
  /** Bare file name inside the version's own directory. */
  name: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  digest,
  sizeBytes: count,
});

export const executionProviders = ["cpu", "cuda", "tensorrt", "coreml", "dml"] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** A version the runtime must have loaded, with all it needs to load and check it. */
export const desiredVersion = z.object({
  versionId: id,
  modelName: z.string(),
  versionName: z.string(),
  digest,
  /** Everything downloaded from `GET artifacts/{digest}`; the first is the model file. */
  files: z.array(desiredFile).min(1),
  signature: z.unknown(),
  contract: z.unknown(),
  /** Golden inputs in OIP form with expected outputs; checked at warm-up. */
  golden: z.array(z.unknown()),
  session: z.object({
    intraOpThreads: z.number().int().min(1).max(64),
    hosts: z.number().int().min(1).max(64),
    memoryLimitBytes: count.nullable(),
    timeoutMs: z.number().int().min(1),
    /** Absent: measured at warm-up, without delay. */
    batching: batchingSettings.optional(),
  }),
  /** Names session and lock together; said again in the acks, so that it is known which of them are in force. */
  settingsDigest: digest.optional(),
  /** Output that names the class, for prediction shares and labels; null when the model has none. */
  labelOutput: z.string().nullable(),
  /** Where it must run; the runtime refuses the version when it has no such provider. Absent: cpu. */
  executionProvider: z.enum(executionProviders).optional(),
  /** Library versions that the artifact was made and checked with, by name; absent: nothing to compare. */
  environmentLock: z.record(z.string().max(128), z.string().max(128)).optional(),
  /** What a lock that disagrees does. Absent: flag. */
  onLockMismatch: z.enum(["refuse", "flag"]).optional(),
  /** Rises when a person has it tried again: a runtime that gave it up begins anew. Absent: never. */
  quarantineLifts: count.optional(),
  /** Another server runs it. Absent: this runtime loads it from its files. */
  upstream: desiredUpstream.optional(),
});
export type DesiredVersion = z.output<typeof desiredVersion>;

/** What a rollback drill does to its candidate. */
export const armFault = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("latency"), addMs: z.number().int().min(1).max(10_000) }),
  z.object({ kind: z.literal("errors"), share: z.number().min(0).max(1) }),
  z.object({ kind: z.literal("drifted_inputs"), factor: z.number() }),
]);

export const desiredArm = z.object({
  versionId: id,
  arm: armRole,
  weightBp: basisPoints,
  /** A candidate at weight 0 that answers requests which carry the release's id in `slipway-preview`. */
  preview: z.literal(true).optional(),
  /** Of a shadow: answers without a class agree when their first number differs by no more than this. */
  tolerance: z.number().nonnegative().optional(),
  /** Only ever of a candidate, and only where the environment's policy allows drills. */
  fault: armFault.optional(),
});

export const desiredEndpoint = z.object({
  endpointId: id,
  /** The public model name in `/v2/models/{name}`. */
  name: z.string(),
  environment: z.string(),
  epoch: count,
  salt: z.string(),
  releaseId: id.nullable(),
  arms: z.array(desiredArm),
  windowSeconds: z.number().int().min(1),
  /** Slower than these counts as a bad event for latencyP95 / latencyP99; frozen for the release. Microseconds. */
  latencyThresholdsUs: z.object({ p95: count, p99: count }).nullable(),
  /** Dead man: with no contact for this long while a candidate has weight, go to stable and burn the epoch. */
  leaseSeconds: z.number().int().positive().nullable(),
  /** Absent: the runtime's own limits. */
  limits: z
    .object({
      /** Requests between admission and answer. */
      maxConcurrency: z.number().int().min(1).max(1_000_000).optional(),
      /** Of these, how many may wait for a model host. */
      maxQueued: z.number().int().min(0).max(1_000_000).optional(),
      /** Longest time to an answer; a caller's own deadline may be shorter. */
      timeoutMs: z.number().int().min(1).max(3_600_000).optional(),
      /** Weight when endpoints compete for the same runtime. */
      share: z.number().int().min(1).max(1000),
    })
    .optional(),
  /** Absent: 0.6. What the recommended number of runtimes aims at. */
  targetUtilisation: z.number().positive().max(1).optional(),
  /** Digest of the runtime configuration that limits and target are from. */
  configurationDigest: digest.optional(),
});
export type DesiredEndpoint = z.output<typeof desiredEndpoint>;

export const jobKinds = ["profile_version", "try_version"] as const;

/** GET state?revision=N&waitSeconds=S answers at once when newer, else after the wait with 204. */
export const desiredState = z.object({
  revision: count,
  databaseTime: instant,
  endpoints: z.array(desiredEndpoint),
  versions: z.array(desiredVersion),
  jobsWaiting: z.boolean(),
  /** Parts of batch jobs, or evaluations, wait to be worked off. */
  batchWaiting: z.boolean().default(false),
  /** A load test waits for a runtime that serves its endpoint. */
  loadTestWaiting: z.boolean().optional(),
  /** Streams for runtimes of the role `stream`. */
  streams: z.array(desiredStream).max(1000).optional(),
  /** At most one for each version; a version without one is counted without features. */
  baselines: z.array(monitoringBaseline).max(1000).optional(),
  /** Tokens with the scope `pin`, by their SHA-256: whoever bears one may choose the version that answers. */
  pinTokens: z
    .array(z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), expiresAt: instant.nullable() }))
    .max(10_000)
    .optional(),
});
export type DesiredState = z.output<typeof desiredState>;

/** POST acks: what is true on this runtime now. The whole truth each time, so the newest message wins. */
export const runtimeAcks = z.strictObject({
  bootId: z.uuid(),
  seq: count,
  revision: count,
  endpoints: z
    .array(
      z.strictObject({
        endpointId: id,
        /** Epoch in force for routing here. */
        epoch: count,
        appliedAt: instant,
        /** True once no request admitted under an earlier epoch is in flight on an arm that has no weight now. */
        drained: z.boolean(),
        drainedAt: instant.nullable(),
        /** Requests the candidate still answered after this epoch was applied. */
        lateResponses: count,
        /** The runtime configuration whose limits are in force here. */
        configurationDigest: digest.optional(),
        /** Set when the runtime went to stable by itself; the epoch named here is burnt. */
        safeState: z
          .strictObject({
            burntEpoch: count,
            cause: z.enum([
              "dead_man",
              "candidate_failing",
              "host_crash_loop",
              "load_failed",
              "operator",
            ]),
            at: instant,
          })
          .nullable(),
      }),
    )
    .max(1000),
  versions: z
    .array(
      z.strictObject({
        versionId: id,
        state: z.enum(["downloading", "loading", "warming", "ready", "failed", "retiring"]),
        digestEqual: z.boolean(),
        loadMs: z.number().nonnegative().nullable(),
        warmUpMsP95: z.number().nonnegative().nullable(),
        goldenPassed: z.number().int().nonnegative().nullable(),
        goldenTotal: z.number().int().nonnegative().nullable(),
        hostRestarts: count,
        problem: z.string().max(500).nullable(),
        /** How the loaded version runs here; absent until it is loaded. */
        running: z
          .strictObject({
            executionProvider: z.enum(executionProviders),
            hosts: z.number().int().min(1),
            residentBytes: count,
            /** The settings it was loaded by. */
            settingsDigest: digest.optional(),
            memoryLimitBytes: count.nullable(),
            /** Found at warm-up by measurement; null when requests run one by one. */
            batching: z
              .strictObject({
                maxRows: z.number().int().min(2),
                maxDelayUs: count,
                rowsPerSecondGain: z.number(),
              })
              .nullable(),
            /** Library, what the version's lock says, what is here. */
            lockDifferences: z
              .array(
                z.strictObject({
                  library: z.string().max(128),
                  locked: z.string().max(128),
                  here: z.string().max(128).nullable(),
                }),
              )
              .max(100),
          })
          .optional(),
        /** Its host ended so often that it is not started again; what happened, newest last. */
        quarantine: z
          .strictObject({ at: instant, problem: z.string().max(500) })
          .nullable()
          .optional(),
      }),
    )
    .max(1000),
});
export type RuntimeAcks = z.output<typeof runtimeAcks>;

/** Sparse log-bin histogram, base 2^(1/32), microseconds; see lib/domain/statistics/histogram.ts. */
export const sparseHistogram = z.strictObject({
  bins: z.array(z.tuple([z.number().int().min(0).max(1023), count])).max(1024),
  count,
  sum: z.number().nonnegative(),
  min: z.number().nonnegative().nullable(),
  max: z.number().nonnegative().nullable(),
  underflow: count,
  overflow: count,
});

/** Both answers to the same requests, counted; `lib/domain/release/pairs.ts` says what each means. */
export const pairCounts = z.strictObject({
  sampled: count,
  dropped: count,
  compared: count,
  agreed: count,
  units: count,
  unitsDisagreed: count,
  candidateFailed: count,
  stableFailed: count,
  /** Stable's class, the shadow's class, pairs; at most 256, the rest under `__other__`. */
  classes: z.array(z.tuple([z.string().max(128), z.string().max(128), count])).max(257),
  scoreDeltas: z.array(count).max(32),
});

/** One arm on one runtime in one interval: the cumulative state of that window, re-sent until final. */
export const windowReport = z.strictObject({
  endpointId: id,
  versionId: id,
  arm: armRole,
  releaseId: id.nullable(),
  /** For label counts: the epoch at prediction time. A window belongs to exactly one epoch. */
  epoch: count,
  windowStart: instant,
  windowSeconds: z.number().int().min(1).max(3600),
  seq: count,
  final: z.boolean(),
  requests: count,
  errors: count,
  refused: count,
  units: count,
  firstBad: z.strictObject({
    error: count,
    latencyP95: count,
    latencyP99: count,
    wrongLabel: count,
  }),
  labels: z.strictObject({ received: count, wrong: count }),
  predictions: z.record(z.string().max(128), count),
  latencyUs: sparseHistogram,
  /** True when a capped key set overflowed; the verdict is INVALID from here on. */
  overflow: z.boolean(),
  /** Parts of `latencyUs`: waiting for a model host, and in the model. Answered requests only. */
  queueUs: sparseHistogram.optional(),
  inferenceUs: sparseHistogram.optional(),
  reasons: reasonCounts.optional(),
  values: outcomeValues.optional(),
  labelPairs: labelPairs.optional(),
  labelErrors: labelErrors.optional(),
  /** Present when the version has a baseline here. */
  monitoring: monitoringCounts.optional(),
  /** Of a shadow's windows: its answers beside those of the version that answered. */
  pairs: pairCounts.optional(),
});
export type WindowReport = z.output<typeof windowReport>;

/**
 * POST windows. Sent at least every 5 s, also with no windows: that is the sign that telemetry flows, so that an
 * endpoint without traffic is told apart from a runtime that has gone blind.
 */
export const postWindowsRequest = z.strictObject({
  bootId: z.uuid(),
  sentAt: instant,
  windows: z.array(windowReport).max(500),
  /** The heartbeat's load figures: with the message that carries no window or the first of several. */
  signals: runtimeSignals.optional(),
});
export type PostWindowsRequest = z.output<typeof postWindowsRequest>;

export const leaseJobResponse = z.object({
  job: z
    .object({
      jobId: id,
      kind: z.enum(jobKinds),
      version: desiredVersion,
      /** OIP v2 request bodies; profile runs them repeatedly, try runs them once. */
      inputs: z.array(z.unknown()).max(256),
      leaseSeconds: z.number().int().positive(),
    })
    .nullable(),
});
export type LeaseJobResponse = z.output<typeof leaseJobResponse>;

export const jobResult = z.strictObject({
  bootId: z.uuid(),
  outcome: z.enum(["succeeded", "failed", "crashed", "timed_out"]),
  problem: z.string().max(2000).nullable(),
  profile: z
    .strictObject({
      loadMs: z.number().nonnegative(),
      latencyMsP50: z.number().nonnegative(),
      latencyMsP95: z.number().nonnegative(),
      peakMemoryBytes: count,
      runs: count,
      goldenPassed: count,
      goldenTotal: count,
    })
    .nullable(),
  /** OIP v2 response bodies, in the order of the inputs. */
  outputs: z.array(z.unknown()).max(256),
});
export type JobResult = z.output<typeof jobResult>;
