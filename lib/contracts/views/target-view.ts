import { z } from "zod";
import { targetKind } from "#lib/contracts/upstream.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/targets: servers of others, what each can do, what was put on it, and what it says it serves. */

export const servedVersion = z.object({ version: z.string(), state: z.enum(["ready", "loading", "unavailable"]), isDefault: z.boolean() });

export const bindingRow = z.object({
  id: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  remoteModel: z.string(),
  remoteVersion: z.string().nullable(),
  endpoints: z.array(z.string()),
  boundBy: z.string(),
  boundAt: instant,
  readAt: instant.nullable(),
  served: z.array(servedVersion).nullable(),
  drift: z.enum(["unread", "none", "unreachable", "missing", "foreign"]),
  driftProblem: z.string().nullable(),
  driftSince: instant.nullable(),
  mayRestore: openAct,
});
export type BindingRow = z.output<typeof bindingRow>;

export const targetRow = z.object({
  id: z.string(),
  name: z.string(),
  environmentName: z.string(),
  kind: targetKind,
  url: z.string(),
  managementUrl: z.string().nullable(),
  timeoutMs: count,
  hasCredentials: z.boolean(),
  isIsolated: z.boolean(),
  createdBy: z.string(),
  createdAt: instant,
  bindings: z.array(bindingRow),
});
export type TargetRow = z.output<typeof targetRow>;

export const targetsView = z.object({ asOf: instant, targets: z.array(targetRow), environments: z.array(z.string()), mayCreate: openAct, mayBind: openAct });
export type TargetsView = z.output<typeof targetsView>;
