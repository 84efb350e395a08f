import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilterProblem, MODEL_FILTER, MODEL_ORDER, VERSION_FILTER, VERSION_ORDER, parseFilter, parseOrder } from "./search-filter.ts";

describe("a filter", () => {
  test.each([
    ["", []],
    ["name = 'credit'", [{ field: { kind: "attribute", name: "name" }, operator: "=", values: ["credit"] }]],
    ['attribute.name LIKE "cr%"', [{ field: { kind: "attribute", name: "name" }, operator: "LIKE", values: ["cr%"] }]],
    ["name='it\\'s'", [{ field: { kind: "attribute", name: "name" }, operator: "=", values: ["it's"] }]],
    [
      "tags.`my key` != 'a' and tag.stage ilike '%B%'",
      [
        { field: { kind: "tag", key: "my key" }, operator: "!=", values: ["a"] },
        { field: { kind: "tag", key: "stage" }, operator: "ILIKE", values: ["%B%"] },
      ],
    ],
    ["tags.mlflow.prompt.is_prompt = 'false'", [{ field: { kind: "tag", key: "mlflow.prompt.is_prompt" }, operator: "=", values: ["false"] }]],
  ])("%s is read for models", (text, clauses) => expect(parseFilter(text, MODEL_FILTER)).toEqual(clauses));

  test.each([
    ["run_id IN ('a', 'b')", [{ field: { kind: "attribute", name: "run_id" }, operator: "IN", values: ["a", "b"] }]],
    ["version_number > 3", [{ field: { kind: "attribute", name: "version_number" }, operator: ">", values: ["3"] }]],
    ["source_path = 'A/B'", [{ field: { kind: "attribute", name: "source_path" }, operator: "=", values: ["A/B"] }]],
  ])("%s is read for versions", (text, clauses) => expect(parseFilter(text, VERSION_FILTER)).toEqual(clauses));

  test.each(["name", "name =", "name = credit", "name = 'a' OR name = 'b'", "name = 'a' name = 'b'", "x = 'a'", "name > 'a'", "name IN ('a')", "run_id = 'a'", "name = 'a' AND", "'name' = 'a'", "tags.a IN ('x')", "name = 'a", ";"])(
    "%s is refused for models",
    (text) => expect(() => parseFilter(text, MODEL_FILTER)).toThrow(FilterProblem),
  );
  test.each(["run_id IN ()", "run_id IN ('a'", "run_id IN ('a' 'b')", "version_number = 'a'", "version_number = 1.5"])(
    "%s is refused for versions",
    (text) => expect(() => parseFilter(text, VERSION_FILTER)).toThrow(FilterProblem),
  );

  test("of any text is read or refused, and a value comes back as it was quoted", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.array(fc.constantFrom("name", "=", "'a'", "AND", "(", "tags.x", "LIKE", "`", "\\"), { maxLength: 12 }).map((parts) => parts.join(" "))), (text) => {
        try {
          parseFilter(text, VERSION_FILTER);
        } catch (error) {
          if (!(error instanceof FilterProblem)) throw error;
        }
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (value) => {
        const quoted = value.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
        expect(parseFilter(`name = '${quoted}'`, MODEL_FILTER)[0]?.values).toEqual([value]);
      }),
    );
  });
});

test("an order is a known key with a direction", () => {
  expect(parseOrder(["name", "creation_timestamp DESC"], MODEL_ORDER)).toEqual([
    { key: "name", descending: false },
    { key: "creation_timestamp", descending: true },
  ]);
  expect(parseOrder(["version_number asc"], VERSION_ORDER)).toEqual([{ key: "version_number", descending: false }]);
  for (const term of ["", "run_id", "name; drop", "name DESC DESC", "name SIDEWAYS"]) expect(() => parseOrder([term], MODEL_ORDER)).toThrow(FilterProblem);
});
