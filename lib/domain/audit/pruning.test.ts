import fc from "fast-check";
import { expect, test } from "vitest";
import { KEPT_ACTIONS, noneMissing, noteMissing, PRUNING_ACTION, pruningActOf, unexplained, type PruningAct } from "./pruning.ts";

const missingOf = (seqs: Iterable<number>) => {
  const missing = noneMissing();
  for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) noteMissing(missing, seq);
  return missing;
};
const SIZE = 60;
const seqs = fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1 });

/** Acts as the database writes them: each takes some texts that are still there, over the range that these span. */
const story = fc.array(seqs, { maxLength: 5 }).map((asked) => {
  const gone = new Set<number>();
  const acts: PruningAct[] = [];
  for (const list of asked) {
    const fresh = list.filter((seq) => !gone.has(seq));
    if (fresh.length === 0) continue;
    for (const seq of fresh) gone.add(seq);
    acts.push({ seq: SIZE + acts.length, fromSeq: Math.min(...fresh), toSeq: Math.max(...fresh) + 1, texts: fresh.length, rule: "a rule", at: "2026-11-30T00:00:00.000Z" });
  }
  return { gone, acts };
});

test("what acts of pruning took is explained by them, in whatever order they overlap", () => {
  fc.assert(fc.property(story, ({ gone, acts }) => {
    expect(unexplained(missingOf(gone), acts)).toBeNull();
  }));
});

test("one text more than they tell of is never explained, and outside every range its entry is named", () => {
  fc.assert(fc.property(story, fc.nat(SIZE + 20), ({ gone, acts }, more) => {
    fc.pre(!gone.has(more));
    const fault = unexplained(missingOf([...gone, more]), acts);
    expect(fault).not.toBeNull();
    if (!acts.some(({ fromSeq, toSeq }) => more >= fromSeq && more < toSeq)) expect(fault?.seq).toBe(more);
  }));
});

test("without its act, what it took is not explained", () => {
  fc.assert(fc.property(story, fc.nat(), ({ gone, acts }, which) => {
    fc.pre(acts.length > 0);
    const left = acts.filter((_, at) => at !== which % acts.length);
    expect(unexplained(missingOf(gone), left)).not.toBeNull();
  }));
});

test("an act tells of entries before itself only, and counts only when it succeeded and says its range", () => {
  const after = { fromSeq: 3, toSeq: 9, texts: 5, rule: "184 days" };
  const leaf = { action: PRUNING_ACTION, outcome: "ok", after, ts: "2026-11-30T00:00:00.000Z" } as const;
  expect(pruningActOf(9, leaf)).toEqual({ seq: 9, ...after, at: leaf.ts });
  expect(pruningActOf(8, leaf)).toBeNull();
  expect(pruningActOf(9, { ...leaf, outcome: "denied" })).toBeNull();
  expect(pruningActOf(9, { ...leaf, after: { ...after, texts: -1 } })).toBeNull();
  expect(pruningActOf(9, { ...leaf, after: null })).toBeNull();
  expect(pruningActOf(9, { ...leaf, action: "audit.exported" })).toBeNull();
  expect(KEPT_ACTIONS).toContain(PRUNING_ACTION);
});
