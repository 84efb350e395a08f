import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSettings, SettingsError } from "./env.ts";

const directory = mkdtempSync(path.join(tmpdir(), "slipway-env-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the runtime's settings", () => {
  it("have defaults that serve on this machine only", () => {
    expect(readSettings({ SLIPWAY_DATA_DIR: "/data" })).toMatchObject({
      role: "serve",
      name: "local",
      directory: "/data/runtime/local",
      host: "127.0.0.1",
      httpPort: 8080,
      controlUrl: null,
      token: null,
      maxBodyBytes: 64 * 1024 * 1024,
      allowPinned: false,
      mayBatch: true,
      nonFiniteOutputs: "reject",
    });
  });

  it("take an empty variable for one that is not set", () => {
    expect(readSettings({ SLIPWAY_RUNTIME_NAME: "", SLIPWAY_CONTROL_URL: "" }).name).toBe("local");
  });

  it("read the token from a file, and never start with a control plane but no token", () => {
    const file = path.join(directory, "token");
    writeFileSync(file, "slp_secret\n");
    const withFile = {
      SLIPWAY_CONTROL_URL: "http://127.0.0.1:3000/",
      SLIPWAY_RUNTIME_TOKEN_FILE: file,
    };
    expect(readSettings(withFile)).toMatchObject({
      token: "slp_secret",
      controlUrl: "http://127.0.0.1:3000",
    });
    expect(() => readSettings({ SLIPWAY_CONTROL_URL: "http://127.0.0.1:3000" })).toThrow(
      "neither SLIPWAY_RUNTIME_TOKEN nor",
    );
    expect(() =>
      readSettings({ ...withFile, SLIPWAY_RUNTIME_TOKEN_FILE: path.join(directory, "none") }),
    ).toThrow(SettingsError);
  });

  it("refuse several processes for a device, and say why", () => {
    const device = { SLIPWAY_RUNTIME_ROLE: "edge", SLIPWAY_CONTROL_URL: "https://slipway.example" };
    expect(() => readSettings({ ...device, SLIPWAY_RUNTIME_PROCESSES: "2" })).toThrow(/SLIPWAY_RUNTIME_PROCESSES: a device is one process/);
    expect(readSettings({ ...device, SLIPWAY_RUNTIME_PROCESSES: "1" }).processes).toBe(1);
  });

  it("name every variable that is wrong, at once", () => {
    const wrong = {
      SLIPWAY_RUNTIME_HTTP_PORT: "70000",
      SLIPWAY_RUNTIME_NAME: "../up",
      SLIPWAY_RUNTIME_ROLE: "both",
      SLIPWAY_CONTROL_URL: "ftp://x",
    };
    expect(() => readSettings(wrong)).toThrow(SettingsError);
    try {
      readSettings(wrong);
    } catch (error) {
      for (const name of Object.keys(wrong)) expect(String(error)).toContain(name);
    }
  });
});
