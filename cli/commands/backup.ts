import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { CliProblem, type ExitCode, EXIT } from "../exit-codes.ts";

/** Programs of their own on the host: the command line itself speaks to the API only. */
function run(script: string, words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "..", "..", "scripts", script), ...words], { stdio: "inherit" });
  if (status === 0) return;
  const code: ExitCode = status === 2 ? EXIT.usage : status === 4 ? EXIT.refused : EXIT.error;
  throw new CliProblem(status === 4 ? "Restored, with the loss above." : "Nothing was done.", code);
}

/** backup and restore, on the host. */
export function addBackupCommands(program: Command): void {
  program
    .command("backup")
    .description("on the host: database, artifacts and keys into one folder, read again after writing")
    .option("--to <folder>", "a folder that does not exist yet")
    .option("--verify <folder>", "only read a backup again")
    .addHelpText("after", "\nThe folder holds the signing key of the audit trail: keep it as you keep the key.\n\nExamples:\n  slipway backup --to /backups/2026-03-01\n  slipway backup --verify /backups/2026-03-01")
    .action((options: { to?: string; verify?: string }) => {
      run("backup.ts", [...(options.to === undefined ? [] : ["--to", options.to]), ...(options.verify === undefined ? [] : ["--verify", options.verify])]);
    });
  program
    .command("restore")
    .description("on the host: a backup into an empty database; exit 4 when signed entries are lost")
    .requiredOption("--from <folder>")
    .requiredOption("--data <directory>", "the data directory that the control plane will use")
    .addHelpText("after", "\nNeeds SLIPWAY_DATABASE_OWNER_URL and SLIPWAY_DATABASE_SUPERUSER_URL of an empty database.\n\nExamples:\n  slipway restore --from /backups/2026-03-01 --data /var/lib/slipway")
    .action((options: { from: string; data: string }) => run("restore.ts", ["--from", options.from, "--data", options.data]));
}
