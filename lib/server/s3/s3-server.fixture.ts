import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";

const MOTO = process.env["SLIPWAY_MOTO_SERVER"] ?? "moto_server";

/** Whether this machine has an S3-compatible server to test against. */
export const HAS_S3_SERVER = ((): boolean => {
  try {
    execFileSync(MOTO, ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** For the names of tests that are skipped without one. */
export const WITH_S3_SERVER = "(skipped without an S3 server: pip install 'moto[server]', SLIPWAY_MOTO_SERVER=/path/to/moto_server)";

export type S3Server = { readonly endpoint: string; readonly client: S3Client; stop(): Promise<void> };

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** An empty S3-compatible server of this test, and a client for it. Leaves credentials in the environment, where the SDK looks for them. */
export async function startS3Server(): Promise<S3Server> {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const server = spawn(MOTO, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const client = new S3Client({ region: "us-east-1", endpoint, forcePathStyle: true, maxAttempts: 60 });
  return {
    endpoint,
    client,
    async stop() {
      client.destroy();
      server.kill("SIGTERM");
      await once(server, "exit");
    },
  };
}
