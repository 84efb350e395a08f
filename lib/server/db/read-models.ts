import * as batchChanges from "./batch-change-repository.ts";
import * as batch from "./batch-repository.ts";
import * as batchSchedules from "./batch-schedule-repository.ts";
import * as batchWork from "./batch-work.ts";
import * as streamReports from "./stream-reports.ts";
import * as streams from "./stream-repository.ts";
import { type BoundAll, bindAll } from "./bind.ts";
import * as alerts from "./alert-repository.ts";
import * as baselines from "./baseline-repository.ts";
import * as clock from "./clock.ts";
import * as dependencies from "./dependency-repository.ts";
import * as desired from "./desired-state.ts";
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
import * as live from "./live-reads.ts";
import * as links from "./link-repository.ts";
import * as mlflow from "./mlflow-repository.ts";
import * as monitors from "./monitor-repository.ts";
import * as models from "./model-repository.ts";
import * as trail from "./notifications.ts";
import * as outgoing from "./outgoing-repository.ts";
import * as people from "./person-repository.ts";
import * as registry from "./registry-reads.ts";
import * as releases from "./release-repository.ts";
import * as retention from "./retention-repository.ts";
import * as review from "./review-repository.ts";
import * as rollups from "./rollup-repository.ts";
import * as runbooks from "./runbook-repository.ts";
import * as runtimeConfigurations from "./runtime-configuration-repository.ts";
import * as runtimes from "./runtime-repository.ts";
import * as scans from "./scan-repository.ts";
import * as sessions from "./session-repository.ts";
import * as serviceLevels from "./service-level-repository.ts";
import * as signatures from "./signature-repository.ts";
import * as targets from "./target-repository.ts";
import * as tokens from "./token-repository.ts";
import * as tracking from "./tracking-repository.ts";
import * as traffic from "./traffic-reads.ts";
import type { TransactionClient } from "./transaction.ts";
import * as entries from "./trail-repository.ts";
import * as witnessing from "./witness-repository.ts";
import * as windows from "./window-repository.ts";

/**
 * Reads for pages, lists and decisions outside a command. Their connections refuse writes.
 * To add one: a module of functions `(db: Prisma.TransactionClient, ...)` that answer exactly what the page shows.
 */
const modules = {
  batch, batchChanges, batchSchedules, batchWork, evaluations, evaluationWork, loadTests, loadTestWork, streams, streamReports, targets, devices, deviceStandings,
  scans, desired, endpoints, entries, evidence, governance, jobs, models, releases, runtimeConfigurations, runtimes, windows, dependencies,
  mlflow, tracking, directory,
  clock, install, links, live, people, registry, sessions, tokens, traffic, trail,
  incidents, runbooks,
  cards, signatures, review, retention,
  baselines, rollups, monitors, alerts, outgoing, serviceLevels, witnessing,
} as const;

export type ReadModels = BoundAll<TransactionClient, typeof modules>;

export const readModels = (db: TransactionClient): ReadModels => bindAll(db, modules);
