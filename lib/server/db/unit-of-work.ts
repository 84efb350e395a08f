import * as batchChanges from "./batch-change-repository.ts";
import * as batch from "./batch-repository.ts";
import * as batchSchedules from "./batch-schedule-repository.ts";
import * as batchWork from "./batch-work.ts";
import * as streamReports from "./stream-reports.ts";
import * as streams from "./stream-repository.ts";
import { type BoundAll, bindAll } from "./bind.ts";
import * as alerts from "./alert-repository.ts";
import * as baselines from "./baseline-repository.ts";
import * as dependencies from "./dependency-repository.ts";
import * as desired from "./desired-state.ts";
import * as deviceCounts from "./device-counts.ts";
import * as deviceStandings from "./device-standings.ts";
import * as devices from "./device-repository.ts";
import * as directory from "./directory-repository.ts";
import * as endpoints from "./endpoint-repository.ts";
import * as evaluations from "./evaluation-repository.ts";
import * as evaluationWork from "./evaluation-work.ts";
import * as evidence from "./evidence-repository.ts";
import * as cards from "./card-repository.ts";
import * as loadTests from "./load-test-repository.ts";
import * as loadTestWork from "./load-test-work.ts";
import * as incidents from "./incident-repository.ts";
import * as governance from "./governance-repository.ts";
import * as install from "./install-repository.ts";
import * as jobs from "./job-repository.ts";
import * as leases from "./lease-repository.ts";
import * as links from "./link-repository.ts";
import * as mlflow from "./mlflow-repository.ts";
import * as monitors from "./monitor-repository.ts";
import * as models from "./model-repository.ts";
import * as outgoing from "./outgoing-repository.ts";
import * as people from "./person-repository.ts";
import * as releases from "./release-repository.ts";
import * as retention from "./retention-repository.ts";
import * as review from "./review-repository.ts";
import * as requests from "./request-bookkeeping.ts";
import * as rollups from "./rollup-repository.ts";
import * as runbooks from "./runbook-repository.ts";
import * as runtimeConfigurations from "./runtime-configuration-repository.ts";
import * as runtimes from "./runtime-repository.ts";
import * as scans from "./scan-repository.ts";
import * as sessions from "./session-repository.ts";
import * as serviceLevels from "./service-level-repository.ts";
import * as signatures from "./signature-repository.ts";
import * as tokens from "./token-repository.ts";
import * as tracking from "./tracking-repository.ts";
import * as targetReadings from "./target-readings.ts";
import * as targets from "./target-repository.ts";
import type { TransactionClient } from "./transaction.ts";
import * as witnessing from "./witness-repository.ts";
import * as windows from "./window-repository.ts";

/**
 * Repositories of governed state: only a command gets them writable, so each change has its audit entry.
 * To add one: write `<noun>-repository.ts` with functions `(db: Prisma.TransactionClient, ...)` and name the module here.
 */
const governed = {
  batch, batchChanges, batchSchedules, evaluations, loadTests, streams, targets, devices,
  models, evidence, governance, endpoints, runtimeConfigurations, desired, releases, baselines, alerts, scans, dependencies,
  install, people, sessions, tokens, links,
  incidents, runbooks,
  cards, signatures, review, retention,
  mlflow, directory, serviceLevels,
} as const;

/** What is not governed state: heartbeats, windows, leases, job ticks, request bookkeeping, what training clients tell of their runs. */
const telemetry = { batchWork, evaluationWork, loadTestWork, deviceCounts, deviceStandings, streamReports, targetReadings, windows, rollups, monitors, outgoing, runtimes, jobs, leases, requests, tracking, witnessing } as const;

export type UnitOfWork = BoundAll<TransactionClient, typeof governed> & BoundAll<TransactionClient, typeof telemetry>;
export type Telemetry = BoundAll<TransactionClient, typeof telemetry>;

export const unitOfWork = (db: TransactionClient): UnitOfWork => ({
  ...bindAll(db, governed),
  ...bindAll(db, telemetry),
});

export const telemetryOf = (db: TransactionClient): Telemetry => bindAll(db, telemetry);
