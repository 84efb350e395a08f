import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { getSession } from "#lib/contracts/api/session-operations.ts";
import { isApiToken } from "#lib/domain/access/api-token.ts";
import { askFor, connectionFrom, credentialsFile } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { print, tell } from "../output.ts";
import { readSecret } from "../terminal.ts";

async function login(options: { url: string }, command: Command): Promise<void> {
  const url = options.url.replace(/\/+$/, "");
  if (!URL.canParse(url)) throw new CliProblem(`${url} is no address.`, EXIT.usage);
  const token = await readSecret(`API token for ${url} (Settings, API tokens): `);
  if (!isApiToken(token)) throw new CliProblem("That is no API token: it begins with slp_ and has 40 characters.", EXIT.usage);
  const session = await askFor({ url, token }, "/api/v1/session", getSession.response);
  const file = credentialsFile(process.env);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify({ url, token })}\n`, { mode: 0o600 });
  print(command, { url, name: session.name, roles: session.roles.map(({ role }) => role) }, [`${session.name}  ${url}`]);
  tell(`Kept in ${file}.`);
  tell("Next: slipway models");
}

/** login, logout, whoami. */
export function addSessionCommands(program: Command): void {
  program
    .command("login")
    .description("keep an address and an API token for later commands")
    .requiredOption("--url <address>", "where Slipway is, such as https://slipway.example.com")
    .addHelpText("after", `
The token is read from standard input, never from a flag.

Examples:
  slipway login --url https://slipway.example.com
  slipway login --url https://slipway.example.com < token.txt`)
    .action(login);

  program
    .command("logout")
    .description("forget the kept token; it stays valid until it is revoked")
    .action(async (_options: unknown, command: Command) => {
      await rm(credentialsFile(process.env), { force: true });
      print(command, { signedOut: true }, []);
      tell("Forgotten here. To end the token itself: slipway token revoke ID");
    });

  program
    .command("whoami")
    .description("who the token acts for, and with which roles")
    .action(async (_options: unknown, command: Command) => {
      const connection = connectionFrom(process.env);
      const session = await askFor(connection, "/api/v1/session", getSession.response);
      print(command, session, [session.name, ...session.roles.map(({ label, environmentId }) => `  ${label}${environmentId === null ? "" : " in one environment"}`), connection.url]);
    });
}
