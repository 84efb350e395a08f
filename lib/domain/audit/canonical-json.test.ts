import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCanonicalJson } from "./canonical-json-scan.ts";
import { canonicalJson, CanonicalJsonError, parseCanonicalJson } from "./canonical-json.ts";

describe("RFC 8785 published vectors", () => {
  const vectors: readonly (readonly [string, string, string])[] = [
    ["arrays", '[56,{"d":true,"10":null,"1":[]}]', '[56,{"1":[],"10":null,"d":true}]'],
    [
      "french",
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
    ],
    [
      "structures",
      '{"1":{"f":{"f":"hi","F":5},"\\n":56.0},"10":{},"":"empty","a":{},"111":[{}],"A":{}}',
      '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}',
    ],
    [
      "unicode is not normalised",
      '{"Unnormalized Unicode":"A\\u030a"}',
      '{"Unnormalized Unicode":"A\u030a"}',
    ],
    [
      "values",
      '{"numbers":[1E30,4.50,333333333.33333329,2e-3,0.000000000000000000000000001],"escaping":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
      '{"escaping":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/","literals":[null,true,false],"numbers":[1e+30,4.5,333333333.3333333,0.002,1e-27]}',
    ],
    [
      "weird",
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\u000a":"Newline","1":"One","\\u0080":"Control\\u007f","\\ud83d\\ude02":"Smiley","\\u00f6":"Latin Small Letter O With Diaeresis","\\ufb33":"Hebrew Letter Dalet With Dagesh","</script>":"Browser Challenge"}',
      '{"\\n":"Newline","\\r":"Carriage Return","1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😂":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
  ];
  test.each(vectors)("%s", (_name, input, output) => {
    const value: unknown = JSON.parse(input);
    expect(canonicalJson(value, { integers: "any" })).toBe(output);
  });

  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["4340000000000001", "9007199254740994"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["41b3de4355555553", "333333333.3333332"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("the double %s is written %s", (hex, text) => {
    expect(canonicalJson(Buffer.from(hex, "hex").readDoubleBE(), { integers: "any" })).toBe(text);
  });
});

describe("what has no canonical form is refused with its place", () => {
  class Reading {
    readonly value = 1;
  }
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  test.each([
    ["NaN", { a: [0, Number.NaN] }, "/a/1"],
    ["infinity", { a: Number.POSITIVE_INFINITY }, "/a"],
    ["undefined", { "a/b~c": undefined }, "/a~1b~0c"],
    ["a hole in an array", { a: new Array(1) }, "/a/0"],
    ["a bigint", { a: 1n }, "/a"],
    ["a function", { a: () => 1 }, "/a"],
    ["a Date", { a: new Date(0) }, "/a"],
    ["a Map", { a: new Map() }, "/a"],
    ["an instance", { a: new Reading() }, "/a"],
    ["a symbol key", { a: { [Symbol("s")]: 1 } }, "/a"],
    ["half a surrogate pair", { a: "x\ud800" }, "/a"],
    ["half a surrogate pair in a key", { "\udc00": 1 }, "/\udc00"],
    ["an integer beyond 2^53 - 1", { a: 2 ** 53 }, "/a"],
    ["a negative one", { a: -(2 ** 53) }, "/a"],
  ])("%s", (_name, value, pointer) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError);
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ pointer }));
  });

  test("a cycle", () => {
    expect(() => canonicalJson(cyclic)).toThrow(/deeper than 64/);
  });
});

const jsonValue = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });

test("a value and its canonical text are the same value, and the text is a fixed point", () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const text = canonicalJson(value, { integers: "any" });
      const back: unknown = JSON.parse(text);
      expect(back).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(back, { integers: "any" })).toBe(text);
    }),
    { seed: 8_785, numRuns: 1_000 },
  );
}, 30_000);

test("member order and white space of the source do not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(canonicalJson(reversed, { integers: "any" })).toBe(
        canonicalJson(object, { integers: "any" }),
      );
    }),
    { seed: 8_785, numRuns: 300 },
  );
});

describe("reading back", () => {
  test("accepts exactly the canonical text", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.boolean())),
        (object) => {
          const text = canonicalJson(object);
          expect(parseCanonicalJson(text)?.value).toEqual(JSON.parse(text));
          expect(parseCanonicalJson(` ${text}`)).toBeNull();
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });

  test.each([
    ["keys out of order", '{"b":1,"a":2}'],
    ["a doubled key", '{"a":1,"a":2}'],
    ["another spelling of a number", '{"a":1.0}'],
    ["an escape of choice", '{"a":"\\u0041"}'],
    ["an escaped lone surrogate", '{"a":"\\ud800"}'],
    ["an integer that readers may round", '{"a":9007199254740993}'],
    ["text that is not JSON", "{"],
    ["nothing", ""],
  ])("refuses %s", (_name, text) => {
    expect(parseCanonicalJson(text)).toBeNull();
  });

  test("integer-like keys stand in text order, as RFC 8785 sorts them", () => {
    expect(parseCanonicalJson('{"10":1,"9":2}')).not.toBeNull();
    expect(parseCanonicalJson('{"9":2,"10":1}')).toBeNull();
  });

  test("a text with \\ud inside an ordinary string is still read", () => {
    expect(parseCanonicalJson('{"path":"C:\\\\udata"}')?.value).toEqual({ path: "C:\\udata" });
  });
});

describe("the one-pass check gives the answer of parsing, writing and comparing", () => {
  const slowly = (text: string): boolean => {
    try {
      return canonicalJson(JSON.parse(text)) === text;
    } catch {
      return false;
    }
  };

  test("on canonical texts, on JSON of any spelling, and on both with a character changed", () => {
    const spelled = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
    const canonical = fc
      .jsonValue({ maxDepth: 4 })
      .filter((value) => !JSON.stringify(value).match(/e\+|\d{16}/))
      .map((value) => canonicalJson(value));
    const odd = fc
      .array(fc.constantFrom(...'{}[]"\\:,.0123456789-+eEtrufalsn/bd8cx \n\t\ud800\udc00\u00e9'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(""));
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(canonical, spelled, odd),
        fc.nat(),
        fc.constantFrom(...'x0 "\\{}[]:,-\ud800\u0001'),
        (text, pick, character) => {
          const at = pick % (text.length + 1);
          const texts = [
            text,
            `${text.slice(0, at)}${character}${text.slice(at + 1)}`,
            `${text.slice(0, at)}${character}${text.slice(at)}`,
          ];
          for (const each of texts) {
            expect(isCanonicalJson(each), JSON.stringify(each)).toBe(slowly(each));
            if (isCanonicalJson(each)) accepted += 1;
          }
        },
      ),
      { seed: 1_000_000, numRuns: 4_000 },
    );
    expect(accepted).toBeGreaterThan(2_000);
  }, 30_000);

  test("on every escape, and at the depth limit", () => {
    for (let code = 0; code < 0x120; code += 1) {
      const unit = code.toString(16).padStart(4, "0");
      for (const text of [
        `"\\u${unit}"`,
        `"\\u${unit.toUpperCase()}"`,
        `"\\${String.fromCharCode(code)}"`,
        `"${String.fromCharCode(code)}"`,
      ]) {
        expect(isCanonicalJson(text), text).toBe(slowly(text));
      }
    }
    for (const depth of [63, 64, 65, 66]) {
      for (const text of [
        `${"[".repeat(depth)}1${"]".repeat(depth)}`,
        `${'{"a":'.repeat(depth)}[]${"}".repeat(depth)}`,
      ]) {
        expect(isCanonicalJson(text), String(depth)).toBe(slowly(text));
      }
    }
    expect(isCanonicalJson("[".repeat(200_000))).toBe(false);
  });
});
