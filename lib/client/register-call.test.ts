import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  callDocuments,
  cliText,
  curlText,
  registerCall,
  shellText,
  withoutContract,
  type RegisterFacts,
} from "#lib/client/register-call.ts";

const facts: RegisterFacts = {
  existing: null,
  name: "iris",
  version: "1.0.0",
  intendedUse: "Names irises; it's an example.",
  riskTier: "low",
  sector: "",
  jurisdictions: [],
  owner: "",
  parent: "",
  notes: "",
  labelOutput: "label",
  card: "# Card",
  evaluation: "",
  golden: "",
  locks: [],
  lineage: { run: "r1", commit: "", dataset: "", datasetSha256: "" },
};
const contract = { fields: [] };
const files = { file: "my iris.onnx", sample: "rows.csv" };

describe("the calls that do what the register form says", () => {
  it("make the model first when it is new, and send only what was written", () => {
    const call = registerCall(facts, contract);
    expect(call.problems).toEqual([]);
    expect(call.model).toEqual({
      name: "iris",
      intendedUse: "Names irises; it's an example.",
      riskTier: "low",
    });
    expect(Object.keys(call.version)).toEqual([
      "version",
      "labelOutput",
      "card",
      "lineage",
      "contract",
    ]);
    expect(registerCall({ ...facts, existing: "iris" }, contract).model).toBeNull();
  });

  it("name what is missing by the API's own pointers", () => {
    const { problems } = registerCall(
      {
        ...facts,
        name: "No",
        version: "",
        intendedUse: "",
        riskTier: null,
        evaluation: "{",
        golden: "[{}]",
      },
      null,
    );
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      "/name",
      "/intendedUse",
      "/riskTier",
      "/version",
      "/evaluation",
      "/golden",
    ]);
  });

  it("survive the shell word by word", () => {
    const words = ["plain", "it's", "a b", 'say "hi"', "$HOME `id`", "line\nbreak", "\\"];
    const script = `printf '%s\\0' ${words.map(shellText).join(" ")}`;
    expect(
      execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1),
    ).toEqual(words);
  });

  it("show long documents as files, in curl as in the command", () => {
    const call = registerCall(facts, contract);
    const curl = curlText(call, "iris", files, "http://127.0.0.1:3000");
    expect(curl).toContain("-F 'model=@my iris.onnx'");
    expect(curl).toContain("-F 'card=<card.md'");
    expect(curl).toContain("-F 'contract=<contract.json'");
    const cli = cliText(call, "iris", files);
    expect(cli).toContain("--create \\\n  --intended-use");
    expect(cli).toContain("--run r1");
    expect(cli).not.toContain("lineage");
    expect(callDocuments(call).map(({ name }) => name)).toEqual([
      "card.md",
      "lineage.json",
      "contract.json",
    ]);
    expect(curlText(withoutContract(call), "iris", files, "")).not.toContain("contract");
  });
});

it("names files of dependencies as files in both calls and sends their text from the form", () => {
  const call = registerCall({ ...facts, existing: "iris", locks: [{ fileName: "uv.lock", text: "version = 1" }] }, contract);
  const files = { file: "model.onnx", sample: null };
  expect(curlText(call, "iris", files, "http://localhost:3000")).toContain("-F lock=@uv.lock");
  expect(curlText(call, "iris", files, "http://localhost:3000")).not.toContain("locks=");
  expect(cliText(call, "iris", files)).toContain("--lock uv.lock");
  expect(call.version["locks"]).toEqual([{ fileName: "uv.lock", text: "version = 1" }]);
  expect(call.problems).toEqual([]);
});
