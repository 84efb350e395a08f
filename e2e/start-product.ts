import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OPENID_CLIENT, startOpenIdProvider } from "./openid-provider.ts";

const ROOT = join(import.meta.dirname, "..");
/** A guard against hanging; the build of the pages alone takes a minute on two idle cores. */
const START_LIMIT_MS = 600_000;

/**
 * Playwright's global set-up: starts the whole product by its own command, with the demo, in a data directory and on ports of its own.
 * The tests find it by e2e/product.ts. Nothing is started when SLIPWAY_E2E_DATA_DIR names one that runs already.
 */
export default async function startProduct(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["SLIPWAY_E2E_DATA_DIR"] !== undefined) {
    announce(process.env["SLIPWAY_E2E_DATA_DIR"]);
    return undefined;
  }
  const data = mkdtempSync(join(process.env["SLIPWAY_TEST_DIRECTORY"] ?? tmpdir(), "slipway-e2e-"));
  const port = await freePort();
  const provider = await startOpenIdProvider(await freePort(), `http://127.0.0.1:${port}`);
  const product = spawn(process.execPath, [join(ROOT, "scripts", "start.mjs"), "--no-open"], {
    cwd: ROOT,
    env: {
      ...process.env,
      SLIPWAY_DATA_DIR: data,
      // It stops by itself when this process is killed.
      SLIPWAY_LAUNCHER_PID: String(process.pid),
      SLIPWAY_PORT: String(port),
      SLIPWAY_OIDC_ISSUER: provider.issuer,
      SLIPWAY_OIDC_CLIENT_ID: OPENID_CLIENT.id,
      SLIPWAY_OIDC_CLIENT_SECRET: OPENID_CLIENT.secret,
      SLIPWAY_OIDC_NAME: "Example login",
      SLIPWAY_OIDC_ROLE_MAP: "ml-leads=ml_lead,*=viewer",
      SLIPWAY_RUNTIME_HTTP_PORT: String(await freePort()),
      SLIPWAY_RUNTIME_GRPC_PORT: String(await freePort()),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [product.stdout, product.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const stop = async (): Promise<void> => {
    if (product.exitCode === null && product.signalCode === null) {
      const gone = once(product, "exit");
      product.kill("SIGTERM");
      await gone;
    }
    provider.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_LIMIT_MS;
  while (!announce(data)) {
    if (product.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`The product did not start:\n${output}`);
    }
    await delay(200);
  }
  return stop;
}

/** Tells the tests where the product is; false while it is not up. */
function announce(data: string): boolean {
  let text: string;
  try {
    text = readFileSync(join(data, "state", "ready.json"), "utf8");
  } catch {
    return false;
  }
  const ready: unknown = JSON.parse(text);
  if (typeof ready !== "object" || ready === null || !("url" in ready) || !("runtimeUrl" in ready))
    return false;
  process.env["SLIPWAY_E2E_DATA_DIR"] = data;
  process.env["SLIPWAY_E2E_URL"] = String(ready.url);
  process.env["SLIPWAY_E2E_RUNTIME_URL"] = String(ready.runtimeUrl);
  return true;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
