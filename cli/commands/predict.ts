import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { print, tell } from "../output.ts";

type Options = { readonly request: string; readonly runtime?: string; readonly pin?: string; readonly key?: string };

async function predict(endpoint: string, options: Options, command: Command): Promise<void> {
  const base = (options.runtime ?? process.env["SLIPWAY_RUNTIME_URL"] ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
  const source = options.request === "-" ? await text(process.stdin) : await readFile(options.request, "utf8").catch(() => null);
  if (source === null) throw new CliProblem(`There is no file ${options.request}.`, EXIT.usage);
  const version = options.pin === undefined ? "" : `/versions/${encodeURIComponent(options.pin)}`;
  const response = await fetch(`${base}/v2/models/${encodeURIComponent(endpoint)}${version}/infer`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(options.key === undefined ? {} : { "slipway-key": options.key }) },
    body: source,
  }).catch((error: unknown) => {
    throw new CliProblem(`${base} does not answer (${error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)}). Set SLIPWAY_RUNTIME_URL.`);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const said = typeof answer === "object" && answer !== null && "error" in answer ? String(answer.error) : `The runtime answered ${response.status}.`;
    throw new CliProblem(said, response.status === 404 ? EXIT.notFound : EXIT.error);
  }
  print(command, answer, [JSON.stringify(answer, null, 2)]);
  const arm = response.headers.get("slipway-arm");
  if (arm !== null) tell(`Answered by version ${response.headers.get("slipway-version") ?? ""}, ${arm}.`);
}

/** predict: one request to a served endpoint, counted as any other. */
export function addPredictCommands(program: Command): void {
  program
    .command("predict")
    .description("send one request to an endpoint; it counts as traffic")
    .argument("<endpoint>")
    .requiredOption("--request <file>", "an Open Inference Protocol v2 request, or - for standard input")
    .option("--runtime <address>", "where the runtime is; else SLIPWAY_RUNTIME_URL, else http://127.0.0.1:8080")
    .option("--pin <version>", "ask this version instead of the one whose turn it is")
    .option("--key <text>", "who is asking: the same key gets the same version")
    .addHelpText("after", `
Examples:
  slipway predict credit-default --request row.json
  jq -c .request sample.json | slipway predict credit-default --request -`)
    .action(predict);
}
