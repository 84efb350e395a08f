import type { Command } from "commander";
import type { Finding } from "#lib/domain/artifact/types.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { readArtifactFile } from "#lib/server/artifacts/read-artifact-file.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { print, tell } from "../output.ts";

const MARKS: Readonly<Record<Finding["severity"], string>> = { block: "blocked", warn: "review ", note: "note   ", passed: "passed " };

const findingLines = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ severity, message, hint }) => [`${MARKS[severity]}  ${message}`, ...(hint ? [`         ${hint}`] : [])]);

async function read(file: string) {
  try {
    return await readArtifactFile(file);
  } catch (error) {
    if (error instanceof RefusedArtifact) throw new CliProblem([error.refusal.message, error.refusal.hint].filter((text) => text !== null).join(" "), EXIT.refused);
    if (error instanceof Error && "code" in error) throw new CliProblem(`${file} cannot be read (${String(error.code)}).`, EXIT.usage);
    throw error;
  }
}

/** inspect and scan: reading a model file here, without a server and without running anything of it. */
export function addInspectCommands(program: Command): void {
  program
    .command("inspect")
    .description("say what a model file is, without running it and without a server")
    .argument("<file>")
    .addHelpText("after", `
Examples:
  slipway inspect model.onnx
  slipway inspect model.onnx --json | jq .inspection.inputs`)
    .action(async (file: string, _options: unknown, command: Command) => {
      const { inspection, findings } = await read(file);
      const facts = Object.entries(inspection).filter(([, value]) => typeof value === "string" || typeof value === "number");
      const shapes = (["inputs", "outputs"] as const).flatMap((side) => {
        const list: unknown = Reflect.get(inspection, side);
        return Array.isArray(list) ? list.map((one) => `  ${side.slice(0, -1)}  ${JSON.stringify(one)}`) : [];
      });
      print(command, { inspection, findings }, [...facts.map(([name, value]) => `${name}  ${String(value)}`), ...shapes, ...findingLines(findings)]);
    });

  program
    .command("scan")
    .description("look for what stands in the way of registering; exit 4 when something blocks")
    .argument("<file>")
    .addHelpText("after", `
Examples:
  slipway scan model.pkl && slipway register model.pkl --model churn --version 1.0.0`)
    .action(async (file: string, _options: unknown, command: Command) => {
      const { findings } = await read(file);
      print(command, { findings }, findings.length === 0 ? ["Nothing found."] : findingLines(findings));
      const blocking = findings.filter(({ severity }) => severity === "block").length;
      if (blocking > 0) throw new CliProblem(`${blocking} ${blocking === 1 ? "finding blocks" : "findings block"} this file.`, EXIT.refused);
      if (findings.length === 0) tell("Next: slipway register FILE --model NAME --version VERSION");
    });
}
