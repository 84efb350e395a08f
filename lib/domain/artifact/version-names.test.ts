import fc from "fast-check";
import { expect, it } from "vitest";
import { modelNameFromFile, nextVersionName, versionInFileName } from "./version-names.ts";

it("counts the last number of the newest name on until it is free", () => {
  expect(nextVersionName([])).toBe("1.0.0");
  expect(nextVersionName(["1.0.0"])).toBe("1.0.1");
  expect(nextVersionName(["1.0.1", "1.0.2", "1.0.0"])).toBe("1.0.3");
  expect(nextVersionName(["2026-11-rc"])).toBe("2026-11-rc-2");
});

it("never proposes a name that is taken", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[0-9a-z][0-9a-z.+-]{0,8}$/), { minLength: 1, maxLength: 30 }),
      (taken) => {
        expect(taken).not.toContain(nextVersionName(taken));
      },
    ),
    { seed: 11, numRuns: 300 },
  );
});

it("reads model and version from a file's name where they stand there", () => {
  const read = (name: string) => [modelNameFromFile(name), versionInFileName(name)];
  expect(read("credit-default-2.5.0.onnx")).toEqual(["credit-default", "2.5.0"]);
  expect(read("Credit Default_v2.5.onnx")).toEqual(["credit-default", "2.5"]);
  expect(read("model.onnx")).toEqual(["model", null]);
  expect(read("1.0.0.onnx")).toEqual(["", "1.0.0"]);
  expect(read("resnet50.onnx")).toEqual(["resnet50", null]);
});
