import type { Logger } from "pino";
import type { DesiredEndpoint, RuntimeAcks } from "#lib/contracts/runtime-protocol.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { RequestCounters } from "../metrics/request-counters.ts";
import type { Pool } from "../model-host/pool.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";
import {
  createEndpointState,
  hasWeight,
  release,
  swapTable,
  type BurntRecord,
  type EndpointState,
  type RequestEnd,
  type SafeCause,
} from "./endpoint-state.ts";
import { isSameTable, planTable, type PlannedTable } from "./plan-table.ts";
import { buildTable, type ServingArm, type ServingTable } from "./serving-table.ts";

export type RouterOptions = {
  readonly ready: (versionId: string) => LoadedVersion | null;
  readonly telemetry: Telemetry;
  readonly counters: RequestCounters;
  /** Epochs burnt before this start, by endpoint id. */
  readonly burnt: ReadonlyMap<string, BurntRecord>;
  /** Keeps burnt epochs over a restart; called with all of them. */
  readonly saveBurnt: (burnt: ReadonlyMap<string, BurntRecord>) => void;
  readonly log: Logger;
  /** UTC, ISO 8601. */
  readonly now: () => string;
  /** Something changed that acks speak of. */
  readonly onChange: () => void;
};

export type OperatorRollback =
  | { readonly done: true; readonly epoch: number; readonly nowServing: string }
  | { readonly done: false; readonly problem: string };

/** Which version answers which request, for every endpoint of this runtime. */
export type Router = {
  setDesired(endpoints: readonly DesiredEndpoint[]): void;
  /** Plans again, because versions or contact changed. */
  refresh(): void;
  find(name: string): EndpointState | undefined;
  endpoints(): readonly EndpointState[];
  /** The end of a request admitted under `table`. */
  release(state: EndpointState, table: ServingTable, arm: ServingArm, end: RequestEnd): void;
  /** The control plane confirmed the desired state since this process started. */
  confirmContact(): void;
  /** Dead man: endpoints whose lease is older than `silentMs` go to stable. */
  checkLeases(silentMs: number): void;
  onVersionLost(versionId: string, cause: "host_crash_loop" | "load_failed", problem: string): void;
  rollBack(name: string): OperatorRollback;
  isInUse(versionId: string): boolean;
  /** Whether a table in force names these hosts, or a request is under way that was admitted to them. */
  isPoolInUse(pool: Pool): boolean;
  /** Whether some endpoint's keys go to this version unless a candidate owns them, or are to go there once it is loaded. */
  servesMain(versionId: string): boolean;
  acks(): RuntimeAcks["endpoints"];
};

export function createRouter(options: RouterOptions): Router {
  const { telemetry, log, now } = options;
  const byId = new Map<string, EndpointState>();
  const byName = new Map<string, EndpointState>();
  const burntById = new Map(options.burnt);
  let hasContact = false;

  const plan = (state: EndpointState): void => {
    const { desired, table: current } = state;
    const next = planTable({
      desired,
      current: current?.plan ?? null,
      burnt: state.burnt,
      isReady: (versionId) => options.ready(versionId) !== null,
      mayServeCandidate: hasContact || desired.leaseSeconds === null,
    });
    // A weightless arm that became ready needs no new table, one that serves does: the plan differs.
    if (next === null) return;
    if (isSameTable(next, current?.plan ?? null) && !hasNewVersion(next, current)) return;
    const table = buildTable(next, desired, options.ready, telemetry, options.counters);
    if (table === null) return;
    swapTable(state, table, now());
    if (current !== null) for (const arm of current.arms) telemetry.retireBook(arm.book);
    const weights = next.arms.map(({ arm, weightBp }) => `${arm} ${weightBp}`).join(", ");
    log.info(
      { endpoint: desired.name, epoch: next.epoch, weights, isComplete: next.isComplete },
      "Route table in force",
    );
    options.onChange();
  };

  /**
   * A shadow or preview that came up, or came back, after its table, or a version that was loaded anew by other settings: the weights are
   * the same, and so is the plan.
   */
  const hasNewVersion = (next: PlannedTable, current: ServingTable | null): boolean =>
    next.arms.some(({ arm, versionId, weightBp }) => {
      const isSide = arm === "shadow" || (arm === "candidate" && weightBp === 0);
      const version = options.ready(versionId);
      const served = current?.arms.find((one) => one.role === arm);
      if (version === null || served?.version === version) return false;
      return isSide || served !== undefined;
    });

  const candidateOf = (state: EndpointState) =>
    state.desired.arms.find((arm) => arm.arm === "candidate");
  const candidateHasWeight = (state: EndpointState): boolean =>
    (state.table?.candidateBp ?? 0) > 0 ||
    ((candidateOf(state)?.weightBp ?? 0) > 0 && state.desired.epoch > (state.burnt?.epoch ?? 0));

  const burn = (state: EndpointState, cause: SafeCause, toPrevious: boolean): void => {
    const epoch = Math.max(state.desired.epoch, state.table?.epoch ?? 0);
    state.burnt = { epoch, toPrevious, cause, at: now() };
    burntById.set(state.endpointId, state.burnt);
    log.warn(
      { endpoint: state.desired.name, epoch, cause },
      "Went to the safe version without being asked",
    );
    plan(state);
    options.saveBurnt(burntById);
    options.onChange();
  };

  const forget = (state: EndpointState): void => {
    byId.delete(state.endpointId);
    if (state.table !== null) for (const arm of state.table.arms) telemetry.retireBook(arm.book);
    log.info({ endpoint: state.desired.name }, "Endpoint removed");
  };

  const ackOf = (state: EndpointState): RuntimeAcks["endpoints"][number] => {
    const { burnt, table } = state;
    const isSafe = burnt !== null && burnt.epoch >= state.desired.epoch;
    return {
      endpointId: state.endpointId,
      epoch: table?.epoch ?? 0,
      appliedAt: state.appliedAt ?? now(),
      drained: state.lateInFlight === 0,
      drainedAt: state.drainedAt,
      lateResponses: state.lateResponses,
      ...(state.desired.configurationDigest === undefined
        ? {}
        : { configurationDigest: state.desired.configurationDigest }),
      safeState: isSafe ? { burntEpoch: burnt.epoch, cause: burnt.cause, at: burnt.at } : null,
    };
  };

  return {
    setDesired(endpoints) {
      const kept = new Set(endpoints.map((endpoint) => endpoint.endpointId));
      for (const state of byId.values()) if (!kept.has(state.endpointId)) forget(state);
      for (const desired of endpoints) {
        const state = byId.get(desired.endpointId);
        if (state === undefined)
          byId.set(
            desired.endpointId,
            createEndpointState(desired, burntById.get(desired.endpointId) ?? null),
          );
        else if (desired.epoch >= state.desired.epoch) state.desired = desired;
      }
      byName.clear();
      for (const state of byId.values()) {
        if (byName.has(state.desired.name))
          log.error(
            { endpoint: state.desired.name },
            "Two endpoints have this name; the first is served",
          );
        else byName.set(state.desired.name, state);
      }
      for (const state of byId.values()) plan(state);
    },
    refresh() {
      for (const state of byId.values()) plan(state);
    },
    find: (name) => byName.get(name),
    endpoints: () => [...byId.values()],
    release(state, table, arm, end) {
      const effect = release(state, table, arm, end, now);
      if (effect === "drained") options.onChange();
      else if (effect === "candidate_failing") burn(state, "candidate_failing", false);
    },
    confirmContact() {
      if (hasContact) return;
      hasContact = true;
      for (const state of byId.values()) plan(state);
    },
    checkLeases(silentMs) {
      for (const state of byId.values()) {
        const { leaseSeconds } = state.desired;
        if (leaseSeconds !== null && silentMs > leaseSeconds * 1000 && candidateHasWeight(state))
          burn(state, "dead_man", false);
      }
    },
    onVersionLost(versionId, cause, problem) {
      for (const state of byId.values()) {
        const isCandidate =
          candidateOf(state)?.versionId === versionId ||
          state.table?.candidate?.version.versionId === versionId;
        if (!isCandidate || !candidateHasWeight(state)) continue;
        log.error({ endpoint: state.desired.name, versionId, problem }, "The candidate is lost");
        burn(state, cause, false);
      }
    },
    rollBack(name) {
      const state = byName.get(name);
      if (state === undefined)
        return { done: false, problem: `This runtime serves no endpoint ${name}.` };
      const previous = state.desired.arms.find((arm) => arm.arm === "previous");
      const toPrevious = !candidateHasWeight(state);
      if (toPrevious && (previous === undefined || options.ready(previous.versionId) === null)) {
        return {
          done: false,
          problem: `Endpoint ${name} serves its stable version only, and no previous version is loaded to go back to.`,
        };
      }
      burn(state, "operator", toPrevious);
      const serving = state.table?.main.version;
      return {
        done: true,
        epoch: state.burnt?.epoch ?? 0,
        nowServing:
          serving === undefined ? "nothing" : `${serving.modelName} ${serving.versionName}`,
      };
    },
    servesMain: (versionId) =>
      [...byId.values()].some(
        ({ table, desired }) =>
          table?.main.version.versionId === versionId ||
          desired.arms.some((one) => one.arm === "stable" && one.versionId === versionId),
      ),
    isInUse: (versionId) =>
      [...byId.values()].some(
        (state) =>
          hasWeight(state, versionId) ||
          state.table?.arms.some((arm) => arm.version.versionId === versionId) === true ||
          state.retired.some((table) =>
            table.arms.some((arm) => arm.inFlight > 0 && arm.version.versionId === versionId),
          ),
      ),
    isPoolInUse: (pool) =>
      [...byId.values()].some(
        (state) =>
          state.table?.arms.some((arm) => arm.version.pool === pool) === true ||
          state.retired.some((table) =>
            table.arms.some((arm) => arm.inFlight > 0 && arm.version.pool === pool),
          ),
      ),
    acks: () => [...byId.values()].map(ackOf),
  };
}
