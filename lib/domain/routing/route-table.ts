import type { Problem } from "#lib/domain/problem.ts";
import type { Fault } from "#lib/domain/release/plan-parts.ts";

export const WHOLE_BP = 10_000;

export type Arm = "stable" | "candidate" | "previous" | "shadow";

export type RouteArm = {
  readonly versionId: string;
  readonly arm: Arm;
  /** Serving share for stable and candidate; 0 for previous (kept warm); sampling share of mirrored requests for shadow. */
  readonly weightBp: number;
  /** A candidate at weight 0 that answers requests which carry the release's id in `slipway-preview`. */
  readonly preview?: true | undefined;
  /** Of a shadow: answers without a class agree when their first number differs by no more than this. */
  readonly tolerance?: number | undefined;
  /** A rollback drill: what the runtime does to this candidate on purpose. Gone with the next table. */
  readonly fault?: Fault | undefined;
};

/** Why a table came to be; shown in the record of what was routed where. */
export type RouteCause =
  | "endpoint_created"
  | "provision"
  | "step"
  | "promotion"
  | "completion"
  | "rollback"
  | "abort"
  | "safe_state";

/**
 * What an endpoint serves, as one immutable value. A runtime swaps tables by one reference assignment;
 * a request keeps the table that it was admitted under.
 */
export type RouteTable = {
  readonly endpointId: string;
  /** Rises with each table of an endpoint; a runtime never goes back. */
  readonly epoch: number;
  /** New for each release, so that the same people are not always the first to meet a candidate. */
  readonly salt: string;
  readonly releaseId: string | null;
  readonly arms: readonly RouteArm[];
  /** Dead man: without contact for this long the runtime serves stable only. Set exactly while a candidate has weight. */
  readonly leaseSeconds: number | null;
  readonly cause: RouteCause;
};

/** The arm of that role, if the table has one. */
export function armOfRole(table: RouteTable, role: Arm): RouteArm | undefined {
  return table.arms.find((entry) => entry.arm === role);
}

/** Serving share of the candidate in basis points; 0 when there is none. */
export function candidateWeightBp(table: RouteTable): number {
  return armOfRole(table, "candidate")?.weightBp ?? 0;
}

/** What is wrong with a table; empty when a runtime may apply it. */
export function routeTableProblems(table: RouteTable): Problem[] {
  const problems: Problem[] = [];
  const say = (pointer: string, message: string) => problems.push({ pointer, message });
  if (!Number.isSafeInteger(table.epoch) || table.epoch < 1)
    say("/epoch", "The epoch is a whole number of at least 1.");
  if (table.salt === "")
    say("/salt", "The salt is empty: keys would fall the same way in every release.");

  table.arms.forEach((entry, index) => {
    if (!Number.isInteger(entry.weightBp) || entry.weightBp < 0 || entry.weightBp > WHOLE_BP) {
      say(
        `/arms/${index}/weightBp`,
        "A weight is a whole number of basis points from 0 to 10 000.",
      );
    }
    if (entry.fault !== undefined && entry.arm !== "candidate")
      say(`/arms/${index}/fault`, "Only a candidate can carry a fault.");
    if (entry.preview === true && (entry.arm !== "candidate" || entry.weightBp !== 0))
      say(`/arms/${index}/preview`, "A preview is of a candidate without weight.");
    if (entry.arm === "previous" && entry.weightBp !== 0) {
      say(`/arms/${index}/weightBp`, "The previous version is kept warm and serves nothing.");
    }
  });
  const count = (role: Arm) => table.arms.filter((entry) => entry.arm === role).length;
  if (count("stable") !== 1)
    say("/arms", `An endpoint has exactly one stable version; here are ${count("stable")}.`);
  for (const role of ["candidate", "previous"] as const) {
    if (count(role) > 1) say("/arms", `At most one ${role} version; here are ${count(role)}.`);
  }
  if (new Set(table.arms.map((entry) => entry.versionId)).size !== table.arms.length) {
    say("/arms", "A version stands in two arms.");
  }
  const serving = table.arms.filter((entry) => entry.arm === "stable" || entry.arm === "candidate");
  const sum = serving.reduce((total, entry) => total + entry.weightBp, 0);
  if (sum !== WHOLE_BP)
    say("/arms", `Serving weights sum to ${sum} basis points; they must sum to 10 000.`);

  const hasCandidateWeight = candidateWeightBp(table) > 0;
  if (hasCandidateWeight && table.releaseId === null)
    say("/releaseId", "A candidate has weight only within a release.");
  if (hasCandidateWeight !== (table.leaseSeconds !== null)) {
    say("/leaseSeconds", "A lease is set exactly while a candidate has weight.");
  }
  if (table.leaseSeconds !== null && !(table.leaseSeconds > 0))
    say("/leaseSeconds", "A lease is longer than 0 s.");
  return problems;
}

/** What forbids `next` to follow `previous`: another endpoint, or an epoch that does not rise. */
export function successionProblems(previous: RouteTable, next: RouteTable): Problem[] {
  const problems: Problem[] = [];
  if (next.endpointId !== previous.endpointId) {
    problems.push({ pointer: "/endpointId", message: "The table is of another endpoint." });
  }
  if (next.epoch <= previous.epoch) {
    problems.push({
      pointer: "/epoch",
      message: `Epoch ${next.epoch} does not rise above ${previous.epoch}, which is in force.`,
    });
  }
  return problems;
}
