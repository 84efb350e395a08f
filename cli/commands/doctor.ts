import type { Command } from "commander";
import { z } from "zod";
import { getSession } from "#lib/contracts/api/session-operations.ts";
import { type Connection, askFor, connectionFrom } from "../connection.ts";
import { CliProblem } from "../exit-codes.ts";
import { print } from "../output.ts";

type Check = { readonly name: string; readonly ok: boolean; readonly say: string };
const CLOCK_LIMIT_S = 30;
const LIMIT_MS = 5000;

const failed = (name: string, error: unknown): Check => ({ name, ok: false, say: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) });

async function tried(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, say: await look() };
  } catch (error) {
    return failed(name, error);
  }
}

const get = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });

async function serverChecks({ url, token }: Connection): Promise<readonly Check[]> {
  const ready = z.looseObject({ ready: z.boolean() });
  return [
    await tried("server", async () => {
      const response = await get(`${url}/healthz`);
      if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
      const skew = Math.abs(Date.now() - Date.parse(response.headers.get("date") ?? "")) / 1000;
      if (skew > CLOCK_LIMIT_S) throw new Error(`${url} answers, but this clock and the server's are ${Math.round(skew)} s apart.`);
      return `${url} answers`;
    }),
    await tried("readiness", async () => {
      const body = ready.parse(await (await get(`${url}/readyz`)).json());
      if (!body.ready) throw new Error(`Not ready: ${JSON.stringify(body)}`);
      return "database, migrations and audit trail are ready";
    }),
    await tried("token", async () => {
      const session = await askFor({ url, token }, "/api/v1/session", getSession.response);
      return `acts for ${session.name} as ${session.roles.map(({ label }) => label).join(", ") || "nobody"}`;
    }),
    await tried("runtime", async () => {
      const base = process.env["SLIPWAY_RUNTIME_URL"] ?? "http://127.0.0.1:8080";
      const response = await get(`${base}/v2/health/ready`);
      if (!response.ok) throw new Error(`${base} is not ready.`);
      return `${base} is ready`;
    }),
  ];
}

/** doctor: what a person would look at first when something does not work. */
export function addDoctorCommands(program: Command): void {
  program
    .command("doctor")
    .description("check settings, server, token and runtime; exit 1 when something is wrong")
    .action(async (_options: unknown, command: Command) => {
      const major = Number(process.versions.node.split(".")[0]);
      const node: Check = { name: "node", ok: major >= 22, say: `Node ${process.versions.node}` };
      let checks: readonly Check[];
      try {
        checks = [node, ...(await serverChecks(connectionFrom(process.env)))];
      } catch (error) {
        checks = [node, failed("settings", error)];
      }
      print(command, { checks }, checks.map(({ name, ok, say }) => `${ok ? "ok   " : "wrong"}  ${name.padEnd(10)} ${say}`));
      const wrong = checks.filter(({ ok }) => !ok).length;
      if (wrong > 0) throw new CliProblem(`${wrong} of ${checks.length} checks failed.`);
    });
}
