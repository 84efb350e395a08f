import { z } from "zod";
import { ECOSYSTEMS, LOCK_KINDS, MAX_PACKAGES } from "#lib/domain/dependencies/lock.ts";

/** What files of dependencies say, on the wire and in the database. */

export const lockedPackage = z.strictObject({
  ecosystem: z.enum(ECOSYSTEMS),
  name: z.string().max(214),
  version: z.string().max(256).nullable(),
  asked: z.string().max(256).nullable(),
  hashes: z.array(z.string().max(140)).max(512),
  licence: z.string().max(256).nullable(),
  dependsOn: z.array(z.string().max(256)).max(MAX_PACKAGES),
});

export const dependencyLock = z.strictObject({
  kind: z.enum(LOCK_KINDS),
  packages: z.array(lockedPackage).max(MAX_PACKAGES),
  elsewhere: z.array(z.string().max(300)).max(MAX_PACKAGES),
});
