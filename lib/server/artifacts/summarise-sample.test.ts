import { expect, test } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { defaultSampleLimits, summariseSample } from "./summarise-sample.ts";

async function* pieces(text: string, size = 5): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size));
}

test("commas, semicolons and tabs, quotes, a byte order mark and Windows line ends are read", async () => {
  for (const separator of [",", ";", "\t"]) {
    const text = `\ufeffage${separator}"a, b; c"\r\n1${separator}"x${separator}""y"""\r\n2.5${separator}\u00e4\r\n\r\n`;
    const { summary, firstRows } = await summariseSample(pieces(text));
    expect(summary.rows).toBe(2);
    expect(summary.columns.map((column) => column.name)).toEqual(["age", "a, b; c"]);
    expect(summary.columns[0]).toMatchObject({ numbers: 2, min: 1, max: 2.5, allIntegers: false });
    expect(firstRows).toEqual([
      ["1", `x${separator}"y"`],
      ["2.5", "\u00e4"],
    ]);
  }
});

test("empty cells and words for nothing are told apart", async () => {
  const { summary } = await summariseSample(pieces("a,b\n,NaN\n1,None\n,2\n"));
  expect(
    summary.columns.map(({ emptyCells, nullWords, numbers }) => [emptyCells, nullWords, numbers]),
  ).toEqual([
    [2, 0, 1],
    [0, 2, 1],
  ]);
});

test("a wrong row is named with its line", async () => {
  const error = await summariseSample(pieces("a,b\n1,2\n1,2,3\n")).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toBe(
    "The sample cannot be read at line 3: a row has more or fewer cells than there are column names.",
  );
});

test("200 000 rows of ten columns are summarised within bounds", { timeout: 20_000 }, async () => {
  async function* rows(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(
      Buffer.from(`${Array.from({ length: 10 }, (_, i) => `c${i}`).join(",")}\n`),
    );
    for (let block = 0; block < 200; block += 1) {
      yield Buffer.from(
        Array.from({ length: 1000 }, (_, row) =>
          Array.from({ length: 10 }, (_, i) => (block * 1000 + row) * (i + 1)).join(","),
        ).join("\n") + "\n",
      );
    }
  }
  const { summary } = await summariseSample(rows());
  expect(summary.rows).toBe(defaultSampleLimits.maxRows);
  expect(summary.columns[9]).toMatchObject({
    min: 0,
    max: 1_999_990,
    knotsExact: false,
    hasMoreCategories: true,
  });
  expect(JSON.stringify(summary).length).toBeLessThan(100_000);
});
