import { EMPTY_DIFFERENCE, type DifferenceTally, type OutputDifference } from "#lib/domain/batch/difference.ts";
import type { BatchModel, RowAnswer } from "./answer-rows.ts";
import { rowValue, rowValues } from "./write-rows.ts";

/** The class that an answer names, as text; null when the model has no such output. */
export function classOfAnswer(model: BatchModel, answer: RowAnswer): string | null {
  const { labelOutput } = model.plan.version;
  if (labelOutput === null || !answer.ok) return null;
  const output = answer.outputs.find(({ name }) => name === labelOutput);
  const value = output === undefined ? undefined : rowValues(output, answer.at)[0];
  return value === undefined ? null : String(value as string | number | bigint | boolean).slice(0, 120);
}

type Counts = Record<string, number>;
/** Names beyond this many go together, so that a model that names every row another class makes no report as long as its input. */
const MAX_NAMES = 200;
function addOne(counts: Counts, name: string): void {
  const key = Object.hasOwn(counts, name) || Object.keys(counts).length < MAX_NAMES ? name : "other";
  counts[key] = (counts[key] ?? 0) + 1;
}
export { addOne as countName };

export type Comparison = {
  add(row: number, current: RowAnswer, other: RowAnswer): string;
  tally(currentUs: number, newUs: number): DifferenceTally;
};

/** Compares the answers of two versions row by row; each row's line has both side by side. */
export function createComparison(currentModel: BatchModel, newModel: BatchModel): Comparison {
  const sums = { rows: 0, bothAnswered: 0, onlyCurrentAnswered: 0, onlyNewAnswered: 0, neitherAnswered: 0, otherClass: 0 };
  const [currentClasses, newClasses, moves]: [Counts, Counts, Counts] = [{}, {}, {}];
  const outputs = new Map<string, { -readonly [K in keyof OutputDifference]: OutputDifference[K] }>();

  const compareValues = (current: Extract<RowAnswer, { ok: true }>, other: Extract<RowAnswer, { ok: true }>): void => {
    for (const output of current.outputs) {
      const twin = other.outputs.find(({ name }) => name === output.name);
      if (twin === undefined || Array.isArray(output.data) || Array.isArray(twin.data)) continue;
      const [a, b] = [rowValues(output, current.at), rowValues(twin, other.at)];
      const sum = outputs.get(output.name) ?? { values: 0, sumAbsolute: 0, maxAbsolute: 0 };
      a.forEach((value, index) => {
        const difference = Math.abs(Number(value) - Number(b[index]));
        if (!Number.isFinite(difference)) return;
        sum.values += 1;
        sum.sumAbsolute += difference;
        sum.maxAbsolute = Math.max(sum.maxAbsolute, difference);
      });
      outputs.set(output.name, sum);
    }
  };
  const side = (answer: RowAnswer): unknown =>
    answer.ok ? Object.fromEntries(answer.outputs.map((output) => [output.name, rowValue(output, answer.at)])) : { error: answer.error.message };

  return {
    add(row, current, other) {
      sums.rows += 1;
      const [from, to] = [classOfAnswer(currentModel, current), classOfAnswer(newModel, other)];
      if (current.ok && other.ok) {
        sums.bothAnswered += 1;
        compareValues(current, other);
        if (from !== null && to !== null && from !== to) {
          sums.otherClass += 1;
          addOne(moves, `${from} → ${to}`);
        }
      } else if (current.ok) sums.onlyCurrentAnswered += 1;
      else if (other.ok) sums.onlyNewAnswered += 1;
      else sums.neitherAnswered += 1;
      if (from !== null) addOne(currentClasses, from);
      if (to !== null) addOne(newClasses, to);
      const line = { row, differs: from !== to || current.ok !== other.ok, current: side(current), new: side(other) };
      return `${JSON.stringify(line, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))}\n`;
    },
    tally: (currentUs, newUs) => ({
      ...EMPTY_DIFFERENCE,
      ...sums,
      currentClasses,
      newClasses,
      moves,
      outputs: Object.fromEntries(outputs),
      currentUs,
      newUs,
    }),
  };
}
