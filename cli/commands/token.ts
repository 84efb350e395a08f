import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { print, tell } from "../output.ts";
import { createdTokenView } from "#lib/contracts/people-api.ts";

type CreateOptions = {
  readonly local?: boolean;
  readonly role: string;
  readonly name?: string;
  readonly scopes: string;
  readonly days: string;
  readonly user?: string;
};

/** On the host: a program of its own, because the command line itself speaks to the API only. */
function createLocally(options: CreateOptions): void {
  const script = join(import.meta.dirname, "..", "..", "scripts", "local-token.ts");
  const args = ["--role", options.role, "--days", options.days];
  if (options.name !== undefined) args.push("--name", options.name);
  if (options.user !== undefined) args.push("--user", options.user);
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (status !== 0) throw new CliProblem("No token was made.", status === 2 ? EXIT.usage : EXIT.error);
}

/** token create, here through the API or on the host without it. */
export function addTokenCommands(program: Command): void {
  const token = program.command("token").description("API tokens");
  token
    .command("create")
    .description("make a token; it is shown once")
    .option("--local", "on the host, without the API: for scripts, and to get back in")
    .requiredOption("--role <role>", "engineer, ml_lead, validator, compliance, auditor, viewer or admin")
    .option("--name <name>", "what it is for")
    .option("--scopes <list>", "comma-separated: read, register, release, approve, rollback, audit, admin", "read,register,release")
    .option("--days <days>", "how long it works", "30")
    .option("--user <email>", "with --local: whose token it is")
    .action(async (options: CreateOptions, command: Command) => {
      if (options.local === true) {
        createLocally(options);
        return;
      }
      const created = await askFor(connectionFrom(process.env), "/api/v1/tokens", createdTokenView, {
        method: "POST",
        json: {
          name: options.name ?? `cli ${options.role}`,
          role: options.role,
          scopes: z.array(z.string()).parse(options.scopes.split(",").map((scope) => scope.trim())),
          expiresInDays: Number(options.days),
        },
      });
      print(command, created, [created.token]);
      tell("It is not shown again.");
    });
}
