import type { Gate } from "./items.ts";

/** Kinds that only come into being while a release goes on: no gate before its start may wait for them. */
const MADE_BY_THE_RELEASE: ReadonlySet<string> = new Set([
  "release_approval_signed", "esignature_record", "canary_analysis_report", "shadow_comparison_report", "rollback_executed", "evidence_preserved",
]);
export const isMadeByRelease = (kind: string): boolean => MADE_BY_THE_RELEASE.has(kind);

/** Moments at which a release, or a first deployment, is held against its environment's items. */
export type Moment =
  /** A version is proposed: what was known of it before anything runs. */
  | "submit"
  /** Traffic would begin, mirrored at first. */
  | "first_traffic"
  /** The version would get more than 0 % of live traffic. */
  | "first_weight";

const ASKED: Readonly<Record<Moment, readonly Gate[]>> = {
  submit: ["staging", "always", "traffic"],
  first_traffic: ["staging", "always", "traffic"],
  first_weight: ["staging", "always", "traffic", "weight"],
};

/** Whether an item with this gate blocks at this moment. Later gates include earlier ones: evidence that ran out blocks again. */
export const blocksAt = (gate: Gate, moment: Moment): boolean => ASKED[moment].includes(gate);
