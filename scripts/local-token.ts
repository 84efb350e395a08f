/**
 * Makes an API token on the host, without the API: for scripts, and to get back in. Needs to read the data directory, and is in the audit trail.
 *
 *   node scripts/local-token.ts --role engineer [--name ci] [--scopes read,register] [--days 30] [--user somebody@example.com]
 *
 * The last line of standard output is the token. Exit codes: 0 done, 1 failed, 2 wrong use.
 */
import { parseArgs } from "node:util";
import { z } from "zod";

import { AppError } from "#lib/domain/errors.ts";
import { createApp } from "#lib/server/composition.ts";
import { readControlPlaneSettings, SettingsError } from "#lib/server/env.ts";
import { systemActor } from "#lib/server/ports.ts";
import { localTokenInput } from "#lib/server/tokens/create-local-token.ts";
import { controlPlaneEnvironment } from "./control-plane-environment.ts";

function readInput(): z.output<typeof localTokenInput> {
  const { values } = parseArgs({
    options: {
      role: { type: "string" },
      name: { type: "string" },
      scopes: { type: "string" },
      days: { type: "string", default: "30" },
      user: { type: "string" },
    },
  });
  return localTokenInput.parse({
    role: values.role,
    name: values.name ?? `local ${values.role ?? ""}`,
    scopes: values.scopes?.split(",").map((scope) => scope.trim()),
    expiresInDays: Number(values.days),
    email: values.user,
  });
}

async function main(): Promise<void> {
  const input = readInput();
  const app = createApp({
    ...readControlPlaneSettings(controlPlaneEnvironment()),
    logLevel: "warn",
  });
  try {
    const { token, expiresAt } = await app.tokens.createLocalToken(
      systemActor("Local operator"),
      input,
    );
    console.error(
      `Role ${input.role}, valid until ${expiresAt?.toISOString() ?? "revoked"}. It is shown this once:`,
    );
    console.log(token);
  } finally {
    await app.stop();
  }
}

main().catch((error: unknown) => {
  if (error instanceof z.ZodError) {
    console.error(`Wrong use:\n${z.prettifyError(error)}`);
    process.exitCode = 2;
    return;
  }
  // parseArgs says what is wrong with an option in a TypeError with a code.
  const isUse = error instanceof TypeError && "code" in error;
  const isOurs = isUse || error instanceof AppError || error instanceof SettingsError;
  console.error(isOurs ? error.message : error);
  process.exitCode = isUse ? 2 : 1;
});
