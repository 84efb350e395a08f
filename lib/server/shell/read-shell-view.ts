import { z } from "zod";
import type { ShellView } from "#lib/contracts/views/shell-view.ts";
import { allowsSomewhere, environmentsAllowed, ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { countNeedsYou } from "../releases/views/read-inbox-view.ts";
import { query } from "../read.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";

/** What the frame around every page shows. */
export const readShellView = query({
  name: "read-shell-view",
  permission: "release:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<ShellView> {
    const install = await db.install.findInstall();
    const person = actor.userId === null ? null : await db.people.findPerson(actor.userId);
    const allowed = environmentsAllowed(actor, "release:read");
    const environments = await db.endpoints.listEnvironments();
    return {
      asOf: now.toISOString(),
      install: {
        name: "Slipway",
        version: SLIPWAY_VERSION,
        demo: install?.demo ?? false,
        rolesSeparated: await db.clock.rolesSeparated(),
      },
      viewer: {
        userId: actor.userId ?? actor.id,
        name: actor.name,
        email: person?.email ?? "",
        roleLabels: [...new Set(actor.roles.map(({ role }) => ROLE_LABELS[role]))],
        timeZone: person?.timeZone ?? "UTC",
      },
      needsYou: await countNeedsYou(db, actor, now),
      environments: environments.filter(({ id }) => allowed === "all" || allowed.includes(id)).map(({ name }) => name),
      nav: {
        models: allowsSomewhere(actor, "model:read"),
        endpoints: allowsSomewhere(actor, "endpoint:read"),
        assurance: allowsSomewhere(actor, "evidence:read"),
        incidents: allowsSomewhere(actor, "incident:read"),
        audit: allowsSomewhere(actor, "audit:read"),
        settings: allowsSomewhere(actor, "token:read"),
      },
    };
  },
});
