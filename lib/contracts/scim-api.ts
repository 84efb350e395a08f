import { z } from "zod";

/** Bodies of SCIM 2.0 (RFC 7643, 7644) as far as directories send them. Unknown attributes are left out, as the standard allows. */

const text = z.string().max(1000);
const email = z.object({ value: text, primary: z.boolean().optional(), type: text.optional() });
/** Some directories send booleans as words. */
export const scimBoolean = z.union([z.boolean(), z.enum(["true", "false", "True", "False"]).transform((word) => word.toLowerCase() === "true")]);

export const scimUser = z.object({
  userName: text.min(1),
  externalId: text.nullish(),
  displayName: text.nullish(),
  name: z.object({ formatted: text.nullish(), givenName: text.nullish(), familyName: text.nullish() }).nullish(),
  emails: z.array(email).max(20).nullish(),
  active: scimBoolean.default(true),
});
export type ScimUser = z.output<typeof scimUser>;

const member = z.object({ value: z.uuid("A member is named by its id.") });
export const scimMembers = z.array(member).max(10_000);
export const scimGroup = z.object({ displayName: text.min(1), externalId: text.nullish(), members: scimMembers.default([]) });

export const scimPatch = z.object({
  Operations: z
    .array(
      z.object({
        op: z.string().transform((word) => word.toLowerCase()).pipe(z.enum(["add", "replace", "remove"])),
        path: text.optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(100),
});
export type ScimPatch = z.output<typeof scimPatch>;

export const scimListQuery = z.object({
  filter: text.optional(),
  startIndex: z.coerce.number().int().default(1).transform((from) => Math.max(1, from)),
  count: z.coerce.number().int().default(100).transform((count) => Math.min(200, Math.max(0, count))),
});
