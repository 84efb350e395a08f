import { z } from "zod";
import { TARGET_KINDS } from "#lib/domain/serving/target-kinds.ts";

/** A version that another server runs: how runtimes reach it. Their router does with it what it does with models of their own. */

export const targetKind = z.enum(TARGET_KINDS);

/** For JSON endpoints: where each input goes in the request and each output is in the answer. Names that are left out are the tensors' own. */
export const jsonMapping = z.strictObject({
  path: z.string().regex(/^\/[^\s?#]{0,500}$/, "A path that begins with a slash."),
  inputs: z.record(z.string().max(256), z.string().min(1).max(256)).default({}),
  /** JSON pointers. */
  outputs: z.record(z.string().max(256), z.string().regex(/^(\/[^\s]{1,200})+$/, "A JSON pointer, such as /result/scores.")).default({}),
});

export const desiredUpstream = z.object({
  targetId: z.string().max(64),
  kind: targetKind,
  url: z.url({ protocol: /^https?$/ }),
  model: z.string().min(1).max(256),
  /** Version (or label) at the server; null: whatever it serves by default. */
  version: z.string().min(1).max(128).nullable(),
  mapping: jsonMapping.nullable(),
  timeoutMs: z.number().int().min(1).max(300_000),
  /** Sent with every request: credentials, mostly. */
  headers: z.record(z.string().max(100), z.string().max(8192)),
});
export type DesiredUpstream = z.output<typeof desiredUpstream>;
