import { z } from "zod";
import { objectives, prices, scaling } from "#lib/contracts/service-level.ts";
import { objectiveKinds } from "#lib/domain/serving/service-level.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/service-level/{endpoint}: what was promised, what is left of it, how many replicas it needs and what they cost. */

const objective = z.enum(objectiveKinds);
const finite = z.number();

export const budgetRow = z.object({
  objective,
  target: finite,
  total: count,
  bad: count,
  attained: finite.nullable(),
  allowedBad: finite,
  left: finite.nullable(),
  /** Days until nothing is left at the rate of the last 6 h; null when it is not being used up. */
  daysLeft: finite.nullable(),
});
export type BudgetRow = z.output<typeof budgetRow>;

export const burnRow = z.object({
  objective,
  severity: z.enum(["page", "ticket"]),
  longSeconds: count,
  shortSeconds: count,
  budgetShare: finite,
  limit: finite,
  long: finite.nullable(),
  short: finite.nullable(),
  isPast: z.boolean(),
});
export type BurnRow = z.output<typeof burnRow>;

/** One number of fewest replicas, run over the load of the last fortnight. */
export const capacityRow = z.object({
  minReplicas: count,
  isInForce: z.boolean(),
  peakReplicas: count,
  replicaHours: finite,
  saturatedShare: finite.nullable(),
  fragileShare: finite,
  costPerMonth: finite.nullable(),
  costPerThousand: finite.nullable(),
});
export type CapacityRow = z.output<typeof capacityRow>;

export const serviceLevelView = z.object({
  asOf: instant,
  endpointName: z.string(),
  environmentName: z.string(),
  rowVersion: count,
  updatedAt: instant.nullable(),
  updatedBy: z.string().nullable(),
  windowDays: count,
  objectives: objectives.nullable(),
  scaling: scaling.nullable(),
  prices: prices.nullable(),
  budgets: z.array(budgetRow),
  burns: z.array(burnRow),
  capacity: z
    .object({
      /** Hours of load that were simulated. */
      hours: finite,
      requests: count,
      /** Thresholds that are tried; those that are stored, else what most begin with. */
      assumed: scaling,
      isStored: z.boolean(),
      rows: z.array(capacityRow),
    })
    .nullable(),
  mayEdit: openAct,
});
export type ServiceLevelView = z.output<typeof serviceLevelView>;
