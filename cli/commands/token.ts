import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";
import { createdTokenView, tokensView } from "#lib/contracts/people-api.ts";
import { revokeToken } from "#lib/contracts/api/token-operations.ts";

type CreateOptions = {
  readonly local?: boolean;
  readonly role: string;
  readonly name?: string;
  readonly scopes: string;
  readonly days: string;
  readonly user?: string;
  readonly from?: string;
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
    .option("--scopes <list>", "comma-separated: read, register, release, approve, rollback, audit, admin, pin", "read,register,release")
    .option("--days <days>", "how long it works", "30")
    .option("--user <email>", "with --local: whose token it is")
    .option("--from <networks>", "comma-separated addresses or networks it works from, such as 10.0.0.0/8")
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
          ...(options.from === undefined ? {} : { allowedIps: options.from.split(",").map((network) => network.trim()) }),
        },
      });
      print(command, created, [created.token]);
      tell("It is not shown again.");
    });

  token
    .command("list")
    .description("your tokens, or everybody's for those who manage them")
    .action(async (_options: unknown, command: Command) => {
      const { tokens } = await askFor(connectionFrom(process.env), "/api/v1/tokens", tokensView);
      const rows = tokens.map((one) => [
        one.id, one.name, one.prefix, one.owner ?? "", one.role, one.scopes.join(","),
        one.revokedAt === null ? (one.expiresAt?.slice(0, 10) ?? "never") : "revoked", one.lastUsedAt?.slice(0, 16) ?? "never",
      ]);
      print(command, tokens, columns([["id", "name", "begins", "owner", "role", "scopes", "expires", "last used"], ...rows]));
    });

  token
    .command("revoke")
    .description("end a token with the next request that carries it")
    .argument("<id>", "as token list gives it")
    .action(async (id: string, _options: unknown, command: Command) => {
      const revoked = await askFor(connectionFrom(process.env), `/api/v1/tokens/${encodeURIComponent(id)}/revoke`, revokeToken.response, { method: "POST", json: {} });
      print(command, revoked, [`revoked ${revoked.id}`]);
    });
}
