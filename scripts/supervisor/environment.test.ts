import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { keptSecret, openDataDirectory, readState, writeState } from "./data-directory.ts";
import type { DataDirectory } from "./data-directory.ts";
import { environments, keptEnvironment } from "./environment.ts";
import { MARK_VARIABLE } from "./process-group.ts";

let root: string;
let data: DataDirectory;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-environment-"));
  data = openDataDirectory(join(root, "data"));
});

afterEach(() => rmSync(root, { recursive: true }));

const inherited: NodeJS.ProcessEnv = {
  NODE_ENV: "test",
  PATH: "/bin",
  DATABASE_URL: "postgresql://secret",
  SLIPWAY_DATABASE_OWNER_URL: "postgresql://owner-secret",
  SLIPWAY_OIDC_CLIENT_SECRET: "oidc-secret",
  SLIPWAY_LOG_LEVEL: "debug",
  npm_config_ignore_scripts: "true",
};

function all() {
  return environments(data, inherited, {
    database: { appUrl: "postgresql://app", ownerUrl: "postgresql://owner", description: "" },
    addresses: {
      host: "127.0.0.1",
      controlPort: 3001,
      runtimeHttpPort: 8082,
      runtimeGrpcPort: 8083,
      publicUrl: "http://127.0.0.1:3001",
      controlUrl: "http://127.0.0.1:3001",
      runtimeUrl: "http://127.0.0.1:8082",
    },
    distDirectory: ".next/abc",
    development: false,
  });
}

test("runtime, traffic and helpers get no secret of the control plane", () => {
  const { runtime, traffic, tool } = all();
  for (const env of [runtime, traffic, tool]) {
    const text = JSON.stringify(env);
    expect(text).not.toContain("postgresql://");
    expect(text).not.toContain("oidc-secret");
    expect(env).not.toHaveProperty("SLIPWAY_SECRET");
  }
});

test("the control plane works as the app role and never learns the owner's password", () => {
  const { control } = all();
  expect(control["DATABASE_URL"]).toBe("postgresql://app");
  expect(JSON.stringify(control)).not.toContain("owner");
  expect(control["SLIPWAY_OIDC_CLIENT_SECRET"]).toBe("oidc-secret");
});

test("the file for local commands holds Slipway's settings, and nothing else of the person's shell", () => {
  const { control } = all();
  const kept = keptEnvironment({ ...control, AWS_SECRET_ACCESS_KEY: "theirs", HOME: "/home/someone" });
  expect(JSON.stringify(kept)).not.toMatch(/theirs|someone/);
  expect(kept["DATABASE_URL"]).toBe("postgresql://app");
  expect(kept["SLIPWAY_SECRET"]).toBe(control["SLIPWAY_SECRET"]);
  expect(kept["SLIPWAY_DATA_DIR"]).toBe(data.root);
});

test("every part carries the mark by which a later start finds it, and the person's own settings", () => {
  for (const env of Object.values(all())) {
    expect(env[MARK_VARIABLE]).toBe(data.root);
    expect(env["SLIPWAY_LOG_LEVEL"]).toBe("debug");
    expect(env).not.toHaveProperty("npm_config_ignore_scripts");
  }
});

test("a secret is made once, kept, and readable by its owner only", () => {
  const first = keptSecret(data, "thing");
  expect(first.length).toBeGreaterThanOrEqual(32);
  expect(keptSecret(data, "thing")).toBe(first);
  expect(statSync(join(data.root, "secrets", "thing")).mode & 0o777).toBe(0o600);
  expect(statSync(data.root).mode & 0o777).toBe(0o700);
});

test("what one start decided the next one knows, each thing by itself", () => {
  writeState(data, { demo: "wanted" });
  writeState(data, { postgresPort: 4321 });
  expect(readState(openDataDirectory(data.root))).toEqual({ demo: "wanted", postgresPort: 4321 });
});
