import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { decisionExport, readDecisions, type DecisionExport } from "#lib/contracts/api/release-operations.ts";
import { explainDecision, type Explained } from "#lib/domain/release/explain.ts";
import { parsePlan } from "#lib/domain/release/parse-plan.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print } from "../output.ts";

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const WORDS: Readonly<Record<Explained["result"], string>> = {
  identical: "same report, bit for bit",
  no_counts: "rests on no counts",
  changed_counts: "THE COUNTS WERE CHANGED",
  different: "ANOTHER REPORT",
};

function readExport(file: string): DecisionExport {
  const parsed = decisionExport.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new CliProblem(`${file} is no export of decisions.`, EXIT.usage);
  return parsed.data;
}

/** Computes every decision of a release again from its stored counts, here and not on the server. */
export async function explain(release: string | undefined, options: { file?: string }, command: Command): Promise<void> {
  if ((release === undefined) === (options.file === undefined)) throw new CliProblem("Name a release, or a file with --file.", EXIT.usage);
  const exported =
    options.file === undefined
      ? await askFor(connectionFrom(process.env), `/api/v1/releases/${encodeURIComponent(release ?? "")}/decisions`, readDecisions.response)
      : readExport(options.file);
  const plan = parsePlan(exported.plan);
  if (plan === null) throw new CliProblem("The plan in the export is none that this version knows.", EXIT.error);
  const rows = exported.decisions.map((decision) => ({ decision, explained: explainDecision(decision, plan, sha256) }));
  const lines = rows.map(({ decision, explained }) => [
    decision.at.slice(0, 19).replace("T", " "),
    `${decision.from} to ${decision.to}`,
    decision.verdict,
    explained.result === "different" ? `${WORDS.different} at ${explained.at}` : WORDS[explained.result],
    decision.sentence,
  ]);
  print(command, rows.map(({ decision, explained }) => ({ id: decision.id, at: decision.at, ...explained })), columns([["at", "move", "verdict", "computed again", ""], ...lines]));
  const wrong = rows.filter(({ explained }) => explained.result === "different" || explained.result === "changed_counts").length;
  if (wrong > 0) throw new CliProblem(`${wrong} of ${rows.length} decisions do not follow from their counts.`, EXIT.error);
}
