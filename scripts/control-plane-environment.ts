import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

import { SettingsError } from "#lib/server/env.ts";

/** The environment the control plane was started with, for scripts on its host; `npm start` leaves it in the data directory. */
export function controlPlaneEnvironment(): Readonly<Record<string, string | undefined>> {
  if (process.env["DATABASE_URL"] && process.env["SLIPWAY_SECRET"]) return process.env;
  const data = path.resolve(process.env["SLIPWAY_DATA_DIR"] ?? "./.slipway");
  const file = path.join(data, "secrets", "control-plane.env.json");
  if (!existsSync(file)) {
    throw new SettingsError(
      `${file} is not there. Start Slipway first, or set SLIPWAY_DATA_DIR to its data directory.`,
    );
  }
  return {
    ...process.env,
    ...z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, "utf8"))),
  };
}
