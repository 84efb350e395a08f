import { expect, test } from "vitest";

import { readControlPlaneSettings } from "./env.ts";

const needed = {
  DATABASE_URL: "postgresql://slipway_app:x@127.0.0.1:5432/slipway",
  SLIPWAY_SECRET: "0123456789abcdef0123456789abcdef",
};

test("two variables are enough; the rest has defaults that listen on this machine only", () => {
  const settings = readControlPlaneSettings(needed);
  expect(settings).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    publicUrl: "http://127.0.0.1:3000",
    oidc: null,
  });
  expect(settings.artifactDirectory.endsWith("/.slipway/artifacts")).toBe(true);
});

test("every wrong setting is named at once", () => {
  const read = () => readControlPlaneSettings({ SLIPWAY_PORT: "99999", SLIPWAY_SECRET: "short" });
  expect(read).toThrow(/DATABASE_URL/);
  expect(read).toThrow(/SLIPWAY_PORT/);
  expect(read).toThrow(/SLIPWAY_SECRET: at least 32 characters/);
});

test("an empty variable counts as not set", () => {
  expect(readControlPlaneSettings({ ...needed, SLIPWAY_PUBLIC_URL: "" }).publicUrl).toBe(
    "http://127.0.0.1:3000",
  );
});

test("half of an OpenID configuration is refused", () => {
  expect(() =>
    readControlPlaneSettings({ ...needed, SLIPWAY_OIDC_ISSUER: "https://id.example.com" }),
  ).toThrow(/set all three or none/);
});

test("a database that is not PostgreSQL is refused", () => {
  expect(() =>
    readControlPlaneSettings({ ...needed, DATABASE_URL: "mysql://localhost/x" }),
  ).toThrow(/DATABASE_URL/);
});
