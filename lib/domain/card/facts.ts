/** The part of a card that nobody types: rows made from records, each with the evidence it comes from. */

export type CardFact = {
  /** Stable name, unique in its group: `metric:accuracy`. */
  readonly key: string;
  readonly label: string;
  readonly value: string;
  /** The exact figure behind `value`; null for texts. */
  readonly number: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly unit: string | null;
  readonly evidenceId: string | null;
  /** Where it comes from, in words. */
  readonly source: string;
};

export type CardFactGroup = {
  readonly name: FactGroupName;
  /** True for what changes by itself while the model runs: shown, never signed. */
  readonly isLive: boolean;
  readonly facts: readonly CardFact[];
};

export const FACT_GROUPS = {
  identity: "What it is",
  ownership: "Who answers for it",
  interface: "Inputs and outputs",
  data: "Data",
  performance: "Performance",
  slices: "Slices",
  operation: "Load and behaviour",
  security: "Inspection",
  regulation: "Regulation",
  approvals: "Approvals",
  deployment: "Where it is live",
  monitoring: "Monitoring",
} as const;
export type FactGroupName = keyof typeof FACT_GROUPS;

/** What signatures bind to: everything that does not move by itself. */
export const signedFacts = (groups: readonly CardFactGroup[]): CardFactGroup[] => groups.filter(({ isLive }) => !isLive);
