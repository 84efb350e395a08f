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

test("a bucket for artifacts is read whole, or refused with the reason", () => {
  const read = (text: string, more = {}) => readControlPlaneSettings({ ...needed, SLIPWAY_ARTIFACT_S3: text, ...more }).artifactS3;
  expect(readControlPlaneSettings(needed).artifactS3).toBeNull();
  expect(read("s3://models-eu/slipway/?region=eu-central-1&endpoint=https://store.example")).toEqual({
    place: { bucket: "models-eu", prefix: "slipway/", region: "eu-central-1", endpoint: "https://store.example" },
    copiesBytes: 20 * 1024 ** 3,
  });
  expect(() => read("https://models-eu/")).toThrow(/SLIPWAY_ARTIFACT_S3/);
  expect(() => read("s3://X/")).toThrow(/names no bucket/);
  expect(() => read("s3://models-eu/?acl=public")).toThrow(/has acl; known are region and endpoint/);
  expect(() => read("s3://models-eu/", { SLIPWAY_MAX_UPLOAD_BYTES: "6000000000" })).toThrow(/5 GiB/);
});
