import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import type { BudgetRow, BurnRow, CapacityRow, ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";
import { costOf, simulateScaling, type Load, type Prices, type Scaling } from "#lib/domain/serving/capacity.ts";
import { BUDGET_DAYS, budgetOf, daysLeft, eventsOf, type BurnReading, type Objectives } from "#lib/domain/serving/service-level.ts";
import { LOAD_STRETCH_SECONDS } from "../db/service-level-repository.ts";
import { burnsOf } from "../monitoring/evaluate-endpoint.ts";
import { query } from "../read.ts";
import type { ReadModels } from "../ports.ts";
import { actIn, BUILDERS } from "../registry/views/open-acts.ts";

const DAY_MS = 86_400_000;
/** Stretches of five minutes are kept for a fortnight. */
const LOAD_DAYS = 14;
/** Where nobody has said otherwise: what runtimes themselves aim at, and five minutes before scaling down. */
const USUAL_SCALING: Scaling = { minReplicas: 1, maxReplicas: 10, targetUtilisation: 0.6, scaleDownAfterSeconds: 300 };
const TRIED = [1, 2, 3, 4, 6];
/** The rate that the time left is worked out from: long enough not to jump, short enough to follow. */
const RATE_SECONDS = 6 * 3600;

const toBurnRow = ({ objective, window, limit, long, short, ratio }: BurnReading): BurnRow => ({
  objective,
  severity: window.severity,
  longSeconds: window.longSeconds,
  shortSeconds: window.shortSeconds,
  budgetShare: window.budgetShare,
  limit,
  long,
  short,
  isPast: ratio !== null && ratio >= 1,
});

async function readBudgets(db: ReadModels, endpointId: string, objectives: Objectives, burns: readonly BurnReading[], now: Date): Promise<BudgetRow[]> {
  const from = new Date(now.getTime() - BUDGET_DAYS * DAY_MS);
  const counts = await db.serviceLevels.serviceCounts(endpointId, from, now, objectives.latencyMs);
  return eventsOf(objectives, counts).map(({ objective, target, events }) => {
    const budget = budgetOf(objective, target, events);
    const rate = burns.find((burn) => burn.objective === objective && burn.window.longSeconds === RATE_SECONDS)?.long ?? null;
    return { ...budget, daysLeft: daysLeft(budget.left, rate) };
  });
}

/** The last fortnight's load, run through the stored thresholds or the usual ones, and through other numbers of fewest replicas. */
async function readCapacity(db: ReadModels, endpointId: string, stored: Scaling | null, prices: Prices | null, now: Date): Promise<ServiceLevelView["capacity"]> {
  const loads = await db.serviceLevels.loadsOf(endpointId, new Date(now.getTime() - LOAD_DAYS * DAY_MS));
  const assumed = stored ?? USUAL_SCALING;
  const simulated = simulateScaling(loads, LOAD_STRETCH_SECONDS, assumed);
  if (simulated === null) return null;
  return { hours: simulated.hours, requests: simulated.requests, assumed, isStored: stored !== null, rows: capacityRows(loads, assumed, stored !== null, prices) };
}

/** Each number of fewest replicas that is worth trying, over the same load. */
function capacityRows(loads: readonly Load[], assumed: Scaling, isStored: boolean, prices: Prices | null): CapacityRow[] {
  const tried = [...new Set([...TRIED.filter((least) => least <= assumed.maxReplicas), assumed.minReplicas])].sort((a, b) => a - b);
  return tried.flatMap((minReplicas) => {
    const run = simulateScaling(loads, LOAD_STRETCH_SECONDS, { ...assumed, minReplicas });
    if (run === null) return [];
    const cost = prices === null ? null : costOf(run, prices);
    const { peakReplicas, replicaHours, saturatedShare, fragileShare } = run;
    return [
      {
        minReplicas, peakReplicas, replicaHours, saturatedShare, fragileShare,
        isInForce: isStored && minReplicas === assumed.minReplicas,
        costPerMonth: cost?.perMonth ?? null,
        costPerThousand: cost?.perThousandPredictions ?? null,
      },
    ];
  });
}

/** What was promised of an endpoint, what is left of it, and what its replicas cost. */
export const readServiceLevel = query({
  name: "read-service-level",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ endpoint: slug }),
  async run({ db, actor, input, now, authorise }): Promise<ServiceLevelView> {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise({ environmentId: endpoint.environment.id, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }] });
    const level = await db.serviceLevels.findServiceLevel(endpoint.id);
    const objectives = level?.objectives ?? null;
    const burns = objectives === null ? [] : await burnsOf(db, endpoint.id, objectives, now);
    const [scaling, prices] = [level?.scaling ?? null, level?.prices ?? null];
    return {
      asOf: now.toISOString(),
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      rowVersion: level?.rowVersion ?? 0,
      updatedAt: level?.updatedAt.toISOString() ?? null,
      updatedBy: level?.updatedBy ?? null,
      windowDays: BUDGET_DAYS,
      objectives,
      scaling,
      prices,
      budgets: objectives === null ? [] : await readBudgets(db, endpoint.id, objectives, burns, now),
      burns: burns.map(toBurnRow),
      capacity: await readCapacity(db, endpoint.id, scaling, prices, now),
      mayEdit: actIn(actor, "alert:edit_rules", endpoint.environment.id, `${BUILDERS} and administrators`),
    };
  },
});
