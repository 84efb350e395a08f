import { Command } from "commander";
import * as commands from "./commands/all.ts";

/** The whole command line. Data goes to stdout, talk to stderr; `--json` makes the data one JSON value. */
export function buildProgram(): Command {
  const program = new Command("slipway")
    .description("Takes a trained model to production and keeps it there under control.")
    .option("--json", "print the answer as JSON")
    .exitOverride()
    .showHelpAfterError()
    .addHelpText(
      "after",
      `
Settings: SLIPWAY_TOKEN (required but for "token create --local" and "audit verify"), SLIPWAY_URL.
Exit codes: 0 done, 1 error, 2 wrong use, 3 not found, 4 refused, 5 rolled back, 6 timed out waiting.

Examples:
  slipway register model.onnx --model credit-default --version 2.5.0 --sample rows.csv
  slipway release create --endpoint credit-default --version 2.5.0
  slipway release watch 7
  slipway audit export --file trail.slipway-audit.jsonl
  slipway audit verify trail.slipway-audit.jsonl --key "slipway.local/...+..."`,
    );
  for (const add of Object.values(commands)) add(program);
  return program;
}
