import type { Bound, ChangeEnvelope, Criterion, EnvelopeChange, EnvelopeInput, EnvelopeVerdict, EnvelopeVersion, Modification } from "./types.ts";

export type InputChange = "none" | "widen_range" | "add_optional" | "beyond";

const isWider = (before: EnvelopeInput, after: EnvelopeInput): boolean =>
  (after.min === null || (before.min !== null && after.min <= before.min)) && (after.max === null || (before.max !== null && after.max >= before.max));

const isSame = (a: EnvelopeInput, b: EnvelopeInput): boolean =>
  a.type === b.type && a.required === b.required && a.min === b.min && a.max === b.max;

/** How far the inputs changed: the mildest class that covers all of it. Narrower, removed or retyped fields are beyond both classes. */
export function inputChange(before: readonly EnvelopeInput[], after: readonly EnvelopeInput[]): InputChange {
  const known = new Map(before.map((input) => [input.field, input]));
  if (before.some(({ field }) => !after.some((input) => input.field === field))) return "beyond";
  let found: InputChange = "none";
  for (const input of after) {
    const old = known.get(input.field);
    if (old === undefined) {
      if (input.required) return "beyond";
      found = "add_optional";
    } else if (!isSame(old, input)) {
      if (old.type !== input.type || old.required !== input.required || !isWider(old, input)) return "beyond";
      if (found === "none") found = "widen_range";
    }
  }
  return found;
}

/** The parts in which two versions differ, each in a sentence; empty for the same version. */
export function changesBetween(before: EnvelopeVersion, after: EnvelopeVersion): EnvelopeChange[] {
  const changes: EnvelopeChange[] = [];
  const note = (part: EnvelopeChange["part"], differs: boolean, say: string): void => {
    if (differs) changes.push({ part, say });
  };
  note("artifact", before.digest !== after.digest, "The artifact is another one.");
  note("format", before.format !== after.format, `The format changes from ${before.format} to ${after.format}.`);
  note("architecture", before.architectureDigest !== after.architectureDigest, "The architecture differs: other operators, nodes or number of parameters.");
  note("inputs", inputChange(before.inputs, after.inputs) !== "none", "The input contract differs.");
  note("outputs", before.outputsDigest !== after.outputsDigest, "The outputs differ.");
  note("intended_use", before.intendedUse !== after.intendedUse, "The intended use differs from that of the plan.");
  return changes;
}

const ORDER = ["none", "widen_range", "add_optional"] as const;

/** Whether one allowed modification covers this change; format and intended use never can be. */
function covers({ allowed }: Modification, change: EnvelopeChange, inputs: InputChange): boolean {
  switch (change.part) {
    case "artifact":
      return allowed.artifact;
    case "architecture":
      return allowed.architecture === "any";
    case "inputs":
      return inputs !== "beyond" && ORDER.indexOf(inputs) <= ORDER.indexOf(allowed.inputs);
    case "outputs":
      return allowed.outputs === "any";
    case "format":
    case "intended_use":
      return false;
  }
}

const figure = (value: number): string => String(Math.round(value * 10_000) / 10_000);

/** One acceptance criterion against what was measured; a metric that was not measured does not hold. */
function criterionBound(criterion: Criterion, before: EnvelopeVersion, after: EnvelopeVersion): Bound {
  const { metric, op, bound } = criterion;
  const measured = after.metrics[metric];
  const words = op === ">=" ? "at least" : "at most";
  if (measured === undefined) return { name: metric, held: false, say: `${metric} was not measured.` };
  const worseEnd = op === ">=" ? measured.low : measured.high;
  const value = bound === "value" ? measured.value : worseEnd;
  if (value === null) return { name: metric, held: false, say: `${metric} has no interval, but the plan holds its worse end against the bound.` };
  const baseline = before.metrics[metric]?.value;
  const limit = criterion.value ?? (baseline === undefined ? null : baseline + (op === ">=" ? -1 : 1) * (criterion.baselineMinus ?? 0));
  if (limit === null) return { name: metric, held: false, say: `${metric} is not known of the version in production.` };
  const held = op === ">=" ? value >= limit : value <= limit;
  const which = bound === "value" ? metric : `The worse end of ${metric}`;
  return { name: metric, held, say: `${which} is ${figure(value)}, the plan asks for ${words} ${figure(limit)}.` };
}

export type EnvelopeHistory = {
  /** When each modification was last used, milliseconds; missing when never. */
  readonly lastUsedMs: Readonly<Record<string, number>>;
  /** How often the candidate's test set was used for this model before. */
  readonly testSetUses: number;
  /** When the way back from the candidate was last rehearsed with success, milliseconds; null when never. */
  readonly drilledAtMs: number | null;
};

const DAY_MS = 86_400_000;

function frequencyBound({ id, minDaysBetween }: Modification, { lastUsedMs }: EnvelopeHistory, nowMs: number): Bound {
  const last = lastUsedMs[id];
  const days = last === undefined ? null : (nowMs - last) / DAY_MS;
  return {
    name: id,
    held: days === null || days >= minDaysBetween,
    say: days === null ? `${id} was not used before.` : `${id} was used ${Math.floor(days)} days ago, the plan asks for ${minDaysBetween}.`,
  };
}

/** The rehearsal of the way back that the plan asks for; null where it asks for none. */
function drillBound({ drillMaxAgeDays }: ChangeEnvelope, { drilledAtMs }: EnvelopeHistory, nowMs: number): Bound | null {
  if (drillMaxAgeDays === null) return null;
  const limit = `the plan asks for one of the last ${drillMaxAgeDays} days`;
  if (drilledAtMs === null) return { name: DRILL_BOUND, held: false, say: `No rollback drill of this version has passed; ${limit}.` };
  const days = Math.max(0, (nowMs - drilledAtMs) / DAY_MS);
  return { name: DRILL_BOUND, held: days <= drillMaxAgeDays, say: `The rollback drill is ${Math.floor(days)} days old; ${limit}.` };
}

/** Name of the bound that a drill which is too old breaks. */
export const DRILL_BOUND = "rollback drill";

/** When a drill made then stops to hold, milliseconds; null where the plan asks for none or there is none. */
export const drillEndMs = ({ drillMaxAgeDays }: Pick<ChangeEnvelope, "drillMaxAgeDays">, drilledAtMs: number | null): number | null =>
  drillMaxAgeDays === null || drilledAtMs === null ? null : drilledAtMs + drillMaxAgeDays * DAY_MS;

/**
 * Whether a candidate stays inside the plan: every change is covered by an allowed modification, every criterion holds, frequency, test data,
 * the age of the rollback drill and the plan's own standing are in order. Otherwise outside, with the bound that stopped it: the release may not go on without a new submission.
 */
export function decideEnvelope(
  envelope: ChangeEnvelope,
  before: EnvelopeVersion,
  after: EnvelopeVersion,
  history: EnvelopeHistory,
  nowMs: number,
): EnvelopeVerdict {
  const changes = changesBetween(before, { ...after, intendedUse: after.intendedUse }).concat(
    after.intendedUse === before.intendedUse && after.intendedUse !== envelope.intendedUse
      ? [{ part: "intended_use", say: "The intended use differs from that of the plan." }]
      : [],
  );
  if (changes.length === 0) return { verdict: "unchanged", changes, coveredBy: [], bounds: [], stoppedBy: null };
  const inputs = inputChange(before.inputs, after.inputs);
  const used = new Set<string>();
  const bounds: Bound[] = [{ name: "plan", held: envelope.status === "authorised", say: `The change plan ${envelope.planVersion} is ${envelope.status}.` }];
  for (const change of changes) {
    const by = envelope.modifications.find((modification) => covers(modification, change, inputs));
    if (by !== undefined) used.add(by.id);
    bounds.push({ name: by?.id ?? change.part, held: by !== undefined, say: by === undefined ? `No allowed modification covers this: ${change.say}` : `${by.id} allows it: ${change.say}` });
  }
  for (const modification of envelope.modifications.filter(({ id }) => used.has(id))) bounds.push(frequencyBound(modification, history, nowMs));
  bounds.push({ name: "test data", held: after.testRows >= envelope.minTestRows, say: `${after.testRows} test rows, the plan asks for ${envelope.minTestRows}.` });
  bounds.push({
    name: "test set reuse",
    held: history.testSetUses < envelope.maxTestSetUses,
    say: `The test set was used ${history.testSetUses} times before, the plan allows ${envelope.maxTestSetUses} uses.`,
  });
  const drill = drillBound(envelope, history, nowMs);
  if (drill !== null) bounds.push(drill);
  for (const criterion of envelope.criteria) bounds.push(criterionBound(criterion, before, after));
  const broken = bounds.find(({ held }) => !held);
  return { verdict: broken === undefined ? "within" : "outside", changes, coveredBy: [...used], bounds, stoppedBy: broken?.say ?? null };
}
