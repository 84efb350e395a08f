import { expect, test } from "vitest";

import { isOnThisMachineOnly, readStartOptions } from "./options.ts";

test("without words and variables it starts the demo with the embedded database on this machine", () => {
  const options = readStartOptions([], {});
  expect(options).toMatchObject({
    empty: false,
    host: "127.0.0.1",
    wantedPorts: { control: 3000, runtimeHttp: 8080, runtimeGrpc: 8081 },
    database: null,
  });
  expect(isOnThisMachineOnly(options)).toBe(true);
});

test("one database URL means one role for everything", () => {
  const url = "postgresql://me:x@db.example/slipway";
  expect(readStartOptions([], { DATABASE_URL: url }).database).toEqual({
    appUrl: url,
    ownerUrl: url,
  });
});

test("an owner URL separates the roles", () => {
  const appUrl = "postgresql://app:x@db.example/slipway";
  const ownerUrl = "postgresql://owner:x@db.example/slipway";
  const options = readStartOptions([], {
    DATABASE_URL: appUrl,
    SLIPWAY_DATABASE_OWNER_URL: ownerUrl,
  });
  expect(options.database).toEqual({ appUrl, ownerUrl });
});

test("a word it does not know is refused", () => {
  expect(() => readStartOptions(["--emty"], {})).toThrow(/--emty/);
});

test("wrong variables are all named", () => {
  const read = () => readStartOptions([], { SLIPWAY_PORT: "0", DATABASE_URL: "mysql://x" });
  expect(read).toThrow(/SLIPWAY_PORT/);
  expect(read).toThrow(/DATABASE_URL/);
});

test.each([
  [{ SLIPWAY_HOST: "0.0.0.0" }, false],
  [{ SLIPWAY_HOST: "::1" }, true],
  [{ SLIPWAY_PUBLIC_URL: "https://slipway.example" }, false],
  [{ SLIPWAY_PUBLIC_URL: "http://[::1]:3000" }, true],
])("%j is reachable from this machine only: %s", (variables, expected) => {
  expect(isOnThisMachineOnly(readStartOptions([], variables))).toBe(expected);
});
