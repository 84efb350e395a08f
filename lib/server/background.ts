import { SCANNER_VERSION } from "#lib/domain/artifact/scanner-version.ts";
import type { ArtifactStore } from "./artifacts/artifact-store.ts";
import type { AuditTrail } from "./audit/audit-trail.ts";
import { finishDueJobs } from "./batch/finish-job.ts";
import { startDueSchedules, type BatchDesk } from "./batch/start-batch.ts";
import { giveUpStuckEvaluations } from "./evaluation/end-evaluation.ts";
import { giveUpLostLoadTests } from "./load-tests/end-load-test.ts";
import { createReleaseErrands } from "./controller/release-errands.ts";
import { startReleaseController } from "./controller/release-controller.ts";
import { produceLiveFacts, produceOrganisationFacts } from "./governance/produce-facts.ts";
import { recordFirstInferences } from "./governance/record-first-inference.ts";
import type { ControlPlaneSettings } from "./env.ts";
import type { Bus } from "./events/bus.ts";
import type { Logger } from "./logger.ts";
import { createMonitors } from "./monitoring/watch-endpoints.ts";
import { metricsKept, pruneOldMetrics, rollUpDue } from "./monitoring/roll-up-windows.ts";
import type { MessageDesk } from "./outgoing/message-desk.ts";
import { systemActor } from "./ports.ts";
import type { ArtifactDesk } from "./registry/artifact-desk.ts";
import { whatIsKept } from "./retention/read-retention.ts";
import { watchTargets, type TargetDesk } from "./targets/watch-targets.ts";
import { openOverdueReviews } from "./signatures/break-glass.ts";
import type { Store } from "./store.ts";
import { isDisagreement, type WitnessDesk } from "./audit/witness/witness-desk.ts";

const BATCH_MS = 2_000;
const TARGETS_MS = 5_000;
const SIGN_MS = 5_000;
const SIGN_SOON_MS = 200;
const SWEEP_MS = 15 * 60_000;
/** After an upgrade with new rules every version is read again, a few at a time. */
const RESCAN_MS = 20_000;
const RESCANNED_AT_ONCE = 20;
const SCRUBBED_BYTES = 1024 ** 3;
const ROLL_UP_MS = 1_000;
const WATCH_MS = 1_000;
const SEND_MS = 2_000;
const SEND_SOON_MS = 100;
/** Evidence from telemetry: at rest, and after something happened. */
const PRODUCE_MS = 60_000;
const PRODUCE_SOON_MS = 3_000;
/** Verifying the whole trail. */
const SELF_CHECK_MS = 6 * 3_600_000;
const SELF_CHECK_FIRST_MS = 1_000;
const REVIEWS_MS = 60_000;
const ASK_WITNESSES_MS = 3_600_000;
const UNREGISTERED_KEPT_MS = 24 * 3_600_000;
const ERRANDS_MS = 500;
/** What may wake the controller before its own round; all it decides from is in the database. */
const CONTROLLER_TOPICS = ["release", "endpoint", "runtime", "version", "evidence", "acks", "windows"];

export type Background = { readonly started: Promise<void>; stop(): Promise<void> };

/** What runs in every replica without being asked: releases are driven, checkpoints signed, old bookkeeping forgotten. */
export function startBackground(parts: {
  readonly store: Store;
  readonly bus: Bus;
  readonly logger: Logger;
  trail(): Promise<AuditTrail>;
  artifacts(): Promise<ArtifactStore>;
  batchDesk(): Promise<BatchDesk>;
  readonly messages: MessageDesk;
  readonly artifactDesk: ArtifactDesk;
  readonly targetDesk: TargetDesk;
  readonly witnessDesk: WitnessDesk;
  readonly settings: Pick<ControlPlaneSettings, "metricsKept">;
}): Background {
  const { store, bus, logger, trail, artifacts, batchDesk, messages, artifactDesk, targetDesk, witnessDesk, settings } = parts;
  const controller = startReleaseController(store, {
    onError: (error, releaseId) => logger.error({ err: error, releaseId }, "the release controller could not act"),
  });
  const errands = createReleaseErrands(store, (error, releaseId) => {
    logger.error({ err: error, releaseId }, "a release's preview or drill could not be asked");
  });
  const run = repeated(ERRANDS_MS, logger, "releases with errands could not be found", () => errands.round());
  const hand = repeated(SIGN_MS, logger, "checkpoints could not be handed to witnesses", () => witnessDesk.handDue());
  const sign = repeated(SIGN_MS, logger, "no checkpoint could be signed", async () => {
    await (await trail()).signIfDue();
    hand.soon(0);
  });
  const askWitnesses = repeated(ASK_WITNESSES_MS, logger, "witnesses could not be asked", async () => {
    for (const answer of await witnessDesk.askAll()) if (isDisagreement(answer)) logger.error({ witness: answer.name, verdict: answer.verdict }, answer.message);
  });
  const produce = repeated(PRODUCE_MS, logger, "evidence could not be produced", async () => {
    await recordFirstInferences(store);
    await produceLiveFacts(store);
  });
  const selfCheck = repeated(SELF_CHECK_MS, logger, "the self-check could not run", async () => {
    await produceOrganisationFacts(store, await trail());
  });
  selfCheck.soon(SELF_CHECK_FIRST_MS);
  const sweep = repeated(SWEEP_MS, logger, "old bookkeeping could not be swept", async () => {
    await store.telemetry(({ requests }) => requests.sweepBookkeeping());
    // Uploads that nobody registered within a day.
    await (await artifacts()).sweep((digest) => store.read(async (db) => (await db.models.isFileNamed(digest)) || (await db.batch.isBatchFile(digest)) || (await db.evaluations.isEvaluationFile(digest))), UNREGISTERED_KEPT_MS);
  });
  const batch = repeated(BATCH_MS, logger, "batch jobs could not be finished or started", async () => {
    await finishDueJobs(store, artifacts);
    await startDueSchedules(await batchDesk());
    await giveUpStuckEvaluations(store);
    await giveUpLostLoadTests(store);
  });
  const reviews = repeated(REVIEWS_MS, logger, "overdue reviews could not be looked for", async () => {
    await openOverdueReviews(store)(systemActor("Signing rules"), {});
  });
  const rollUp = repeated(ROLL_UP_MS, logger, "windows could not be added up", async () => {
    await rollUpDue(store);
  });
  const monitors = createMonitors(store, (error, endpointId) => {
    logger.error({ err: error, endpointId }, "an endpoint could not be evaluated");
  });
  const watch = repeated(WATCH_MS, logger, "endpoints could not be watched", () => monitors.round());
  const send = repeated(SEND_MS, logger, "messages could not be sent", () => messages.sendDue());
  const prune = repeated(SWEEP_MS, logger, "old metrics could not be forgotten", async () => {
    const { kept, heldEndpointIds, isAllHeld } = await whatIsKept(store, metricsKept(settings.metricsKept));
    if (!isAllHeld) await pruneOldMetrics(store, kept, heldEndpointIds);
  });
  const rescan = repeated(RESCAN_MS, logger, "artifacts could not be read again", async () => {
    await artifactDesk.scanDue(systemActor("Artifact scanner"), SCANNER_VERSION, RESCANNED_AT_ONCE);
  });
  const scrub = repeated(SWEEP_MS, logger, "the artifact store could not be checked", async () => {
    const { damaged } = await (await artifacts()).scrub(SCRUBBED_BYTES);
    if (damaged.length > 0) logger.error({ damaged }, "artifacts no longer have the bytes that were stored");
  });
  const watchServers = repeated(TARGETS_MS, logger, "targets could not be read back", () => watchTargets(targetDesk));
  const unsubscribe = [
    bus.subscribe(["batch-progress"], () => batch.soon(0)),
    bus.subscribe(CONTROLLER_TOPICS, ({ topic }) => controller.wake(topic)),
    bus.subscribe(["audit"], () => {
      sign.soon(SIGN_SOON_MS);
      send.soon(SEND_SOON_MS);
    }),
    bus.subscribe(["release", "windows"], () => produce.soon(PRODUCE_SOON_MS)),
  ];
  return {
    started: bus.start(),
    async stop() {
      for (const end of unsubscribe) end();
      await Promise.all([controller, sign, sweep, reviews, rollUp, prune, batch, watch, send, rescan, scrub, run, watchServers, produce, selfCheck, hand, askWitnesses].map((part) => part.stop()));
      await monitors.stop();
      await errands.stop();
    },
  };
}

/** Does the work every `everyMs`, or sooner when asked, never twice at once; failures are logged and tried again. */
function repeated(everyMs: number, logger: Logger, problem: string, work: () => Promise<void>) {
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const schedule = (ms: number): void => {
    const at = performance.now() + ms;
    if (stopped || at >= dueAt) return;
    if (timer !== null) clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => {
      dueAt = Number.POSITIVE_INFINITY;
      running = running.then(work).catch((error: unknown) => logger.error({ err: error }, problem)).then(() => schedule(everyMs));
    }, ms);
    timer.unref();
  };
  schedule(everyMs);
  return {
    soon: schedule,
    async stop(): Promise<void> {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
