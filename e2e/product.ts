import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);

/** The product that this test run has started. */
export type Product = { url: string; runtimeUrl: string; dataDirectory: string };

export function product(): Product {
  return {
    url: variable("SLIPWAY_E2E_URL"),
    runtimeUrl: variable("SLIPWAY_E2E_RUNTIME_URL"),
    dataDirectory: variable("SLIPWAY_E2E_DATA_DIR"),
  };
}

/** A fresh sign-in link, as `npm start` prints it: each works once. */
export async function newSignInLink(): Promise<string> {
  const last = (await runLocally(join("scripts", "bootstrap-install.ts"), []))
    .trimEnd()
    .split("\n")
    .at(-1);
  if (last === undefined || !last.startsWith("http"))
    throw new Error("No sign-in link was printed.");
  return last;
}

/** Runs the `slipway` command on the product's machine, with access to its data directory. Resolves to its standard output. */
export function slipway(words: readonly string[], token?: string): Promise<string> {
  const signedIn = token === undefined ? {} : { SLIPWAY_TOKEN: token, SLIPWAY_URL: product().url };
  return runLocally(join("cli", "slipway.ts"), words, signedIn);
}

async function runLocally(
  program: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const file = join(product().dataDirectory, "secrets", "control-plane.env.json");
  const env = JSON.parse(readFileSync(file, "utf8")) as NodeJS.ProcessEnv;
  const { stdout } = await run(process.execPath, [join(ROOT, program), ...words], {
    cwd: ROOT,
    env: { ...process.env, ...env, ...more },
  });
  return stdout;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests through Playwright.`);
  return value;
}
