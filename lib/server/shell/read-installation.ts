import { z } from "zod";
import { query } from "../read.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";

/** What this installation is made of: version, roles of the database, runtimes with their last contact. */
export const readInstallation = query({
  name: "read-installation",
  permission: "runtime:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, now }) {
    const install = await db.install.findInstall();
    const runtimes = await db.runtimes.listAllRuntimes(now);
    return {
      asOf: now.toISOString(),
      installId: install?.installId ?? null,
      demo: install?.demo ?? false,
      version: SLIPWAY_VERSION,
      rolesSeparated: await db.clock.rolesSeparated(),
      runtimes: runtimes.map(({ name, httpUrl, registeredAt, lastSeenAt, live }) => ({
        name,
        httpUrl,
        live,
        registeredAt: registeredAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
      })),
    };
  },
});
