import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import { auditExportFormats } from "#lib/contracts/audit-api.ts";
import { listCheckpoints } from "#lib/contracts/api/audit-operations.ts";
import { pruneTexts } from "#lib/contracts/api/retention-operations.ts";
import { ask, askFor, connectionFrom } from "../connection.ts";
import { CliProblem } from "../exit-codes.ts";
import { print, tell } from "../output.ts";

const FILTERS = ["model", "version", "endpoint", "environment", "release", "actor", "action", "from", "to"] as const;

/** Writes beside the file and renames at the end: a broken download never looks like an export. */
async function download(response: Response, file: string): Promise<void> {
  if (response.body === null) throw new CliProblem("The server sent no data.");
  const part = `${file}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(part, { mode: 0o600 }));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliProblem(`The download broke off (${reason}). Nothing was written; ask again.`);
  }
}

/** audit export and key. `audit verify` is handled before, with the verifier's own arguments. */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("the audit trail: export it, verify it offline");

  const exporting = audit
    .command("export")
    .description("save the trail, whole or filtered")
    .requiredOption("--file <path>", "where to write it")
    .addOption(new Option("--format <format>").choices(auditExportFormats).default("bundle"));
  for (const name of FILTERS) exporting.option(`--${name} <value>`);
  exporting.action(async (options: Record<string, string>, command: Command) => {
    const connection = connectionFrom(process.env);
    const query = new URLSearchParams({ format: options["format"] ?? "bundle" });
    for (const name of FILTERS) if (options[name] !== undefined) query.set(name, options[name]);
    const file = options["file"] ?? "";
    await download(await ask(connection, `/api/v1/audit/export?${query.toString()}`), file);
    const { vkey } = await askFor(connection, "/api/v1/audit/checkpoints", listCheckpoints.response);
    print(command, { file, vkey }, [file]);
    tell(`Verify it anywhere: slipway audit verify ${file} --key "${vkey}"`);
    tell("Keep the key from a source other than the file: whoever forges the file would send a key along.");
  });

  audit
    .command("key")
    .description("the key that the trail is signed with")
    .action(async (_options: unknown, command: Command) => {
      const { vkey, origin } = await askFor(connectionFrom(process.env), "/api/v1/audit/checkpoints", listCheckpoints.response);
      print(command, { vkey, origin }, [vkey]);
    });

  audit
    .command("prune")
    .description("prune texts past their retention; hashes and proofs stay valid, and the act is an entry")
    .requiredOption("--reason <text>", "why; kept in the trail")
    .action(async ({ reason }: { reason: string }, command: Command) => {
      const pruned = await askFor(connectionFrom(process.env), "/api/v1/retention/prunings", pruneTexts.response, { method: "POST", json: { reason } });
      const said =
        pruned.texts === 0
          ? `No text is past its time (${pruned.rule}).`
          : `Pruned the text of ${String(pruned.texts)} entries between ${String(pruned.fromSeq)} and ${String((pruned.toSeq ?? 0) - 1)} (${pruned.rule}); ${String(pruned.left)} are left.`;
      print(command, pruned, [said]);
    });

  audit
    .command("verify")
    .description("check an exported trail; needs no network and no Slipway")
    .argument("<bundle>")
    .requiredOption("--key <key>", "the verifier key, from a source other than the file")
    .option("--since <checkpoint>", "a checkpoint you kept: also proves that the trail extends it")
    .option("--witness <place>", "a checkpoint, or a directory of them, that a witness kept: the trail must be the one it saw");
}
