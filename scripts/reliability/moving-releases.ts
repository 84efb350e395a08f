import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import { getEndpoint } from "#lib/contracts/api/registry-operations.ts";
import { getRelease } from "#lib/contracts/api/release-operations.ts";
import { defaultCanaryPlan, type Plan } from "#lib/domain/release/plan.ts";
import { isEnd, type ReleaseState } from "#lib/domain/release/states.ts";
import { UNGATED_POLICY } from "../../bench/rollback/stage-release.ts";
import type { Connection } from "../../cli/connection.ts";

/** Nobody is asked and nothing is waited for, so that a release is nearly always in the middle of a move. */
export const RESTLESS_POLICY: EnvironmentPolicy = {
  ...UNGATED_POLICY,
  exposureCapBp: 10_000,
  bakeSeconds: 1,
};

export function restlessPlan(): Plan {
  const plan = defaultCanaryPlan({
    bakeSeconds: RESTLESS_POLICY.bakeSeconds,
    exposureCapBp: RESTLESS_POLICY.exposureCapBp,
    deadmanSeconds: RESTLESS_POLICY.deadmanSeconds,
    labels: "none",
  });
  return {
    ...plan,
    steps: [1000, 3000, 6000].map((weightBp) => ({
      weightBp,
      dwellSeconds: 0,
      minUnits: 0,
      advance: "time" as const,
    })),
    guards: plan.guards.filter(({ metric }) => metric === "error"),
    predictionGuard: null,
  };
}

/** What the API acknowledged: it must be found again afterwards, each exactly once. */
export type Acknowledged = {
  readonly act: "create" | "hold" | "resume" | "rollback";
  readonly releaseId: string;
};

const LIMIT_MS = 120_000;
const standing = z.object({ id: z.string(), state: z.string() });
const releaseRows = z.object({
  rows: z.array(z.object({ releaseId: z.string(), endpointName: z.string() })),
});

/** Asks until it is answered: whoever is killed in the middle is asked again. */
async function readUntilAnswered<S extends z.ZodType>(
  engineer: Connection,
  path: string,
  schema: S,
): Promise<z.output<S>> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      const response = await fetch(`${engineer.url}${path}`, {
        headers: { authorization: `Bearer ${engineer.token}` },
      });
      if (response.ok) return schema.parse(await response.json());
    } catch (error) {
      if (error instanceof z.ZodError) throw error;
    }
    if (performance.now() > deadline) throw new Error(`GET ${path} was not answered.`);
    await pause(100);
  }
}

/** One try. Null when it was refused, or when the answer was lost: then nobody was promised anything. */
async function attempt(
  engineer: Connection,
  path: string,
  json: unknown,
): Promise<z.output<typeof standing> | null> {
  const headers = { authorization: `Bearer ${engineer.token}`, "content-type": "application/json" };
  try {
    const response = await fetch(`${engineer.url}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(json),
    });
    return response.ok ? standing.parse(await response.json()) : null;
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    return null;
  }
}

export type MovingReleases = {
  readonly acknowledged: readonly Acknowledged[];
  readonly ended: ReadonlyMap<string, ReleaseState>;
  stop(): Promise<void>;
};

/** Releases of two versions in turn, one after the other; every third is held and resumed, every fourth rolled back by a person. */
export function moveReleases(
  engineer: Connection,
  endpoint: string,
  versions: readonly [string, string],
): MovingReleases {
  const acknowledged: Acknowledged[] = [];
  const ended = new Map<string, ReleaseState>();
  /** When the kills were over; null = they go on, and nobody can say how long a release may take. */
  let calmSinceMs: number | null = null;

  const act = async (
    releaseId: string,
    verb: "hold" | "resume" | "rollback",
    body: unknown,
  ): Promise<void> => {
    const done = await attempt(engineer, `/api/v1/releases/${releaseId}/${verb}`, body);
    if (done !== null) acknowledged.push({ act: verb, releaseId });
  };
  const stateOf = async (id: string): Promise<ReleaseState> =>
    (
      await readUntilAnswered(
        engineer,
        `/api/v1/releases/${id}`,
        getRelease.response.pick({ state: true }),
      )
    ).state;
  const newest = async (): Promise<string | null> => {
    const { rows } = await readUntilAnswered(engineer, "/api/v1/releases?limit=1", releaseRows);
    return rows[0]?.releaseId ?? null;
  };
  const one = async (number: number): Promise<void> => {
    const { arms } = await readUntilAnswered(
      engineer,
      `/api/v1/endpoints/${endpoint}`,
      getEndpoint.response.pick({ arms: true }),
    );
    const live = arms.find(({ arm }) => arm === "stable")?.version;
    const version = live === versions[0] ? versions[1] : versions[0];
    const created = await attempt(engineer, "/api/v1/releases", {
      endpoint,
      version,
      plan: restlessPlan(),
    });
    if (created !== null) acknowledged.push({ act: "create", releaseId: created.id });
    const id = created?.id ?? (await newest());
    if (id === null) return;
    if (number % 3 === 1) {
      await act(id, "hold", { reason: "Held while parts are killed." });
      await act(id, "resume", {});
    }
    if (number % 4 === 3)
      await act(id, "rollback", {
        cause: "business_decision",
        reason: "Rolled back while parts are killed.",
      });
    for (let state = await stateOf(id); ; state = await stateOf(id)) {
      if (isEnd(state)) {
        ended.set(id, state);
        return;
      }
      if (calmSinceMs !== null && performance.now() > calmSinceMs + LIMIT_MS)
        throw new Error(`Release ${id} is still ${state}.`);
      if (state === "HOLDING") await act(id, "resume", {});
      await pause(100);
    }
  };
  const running = (async () => {
    for (let number = 0; calmSinceMs === null; number += 1) await one(number);
  })();
  // Whoever waits for the end hears of it; until then it is not unhandled.
  running.catch(() => undefined);
  return {
    acknowledged,
    ended,
    stop: async () => {
      calmSinceMs = performance.now();
      await running;
    },
  };
}
