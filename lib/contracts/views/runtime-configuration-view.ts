import { z } from "zod";
import { runtimeConfiguration } from "#lib/contracts/runtime-configuration.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** How an endpoint is served: what is in force, who set it, what it was before, and what a change would void. */

const configurationChange = z.object({
  number: count,
  digest: z.string(),
  by: z.string(),
  at: instant,
  reason: z.string(),
  /** Against the one before it. */
  differences: z.array(z.object({ label: z.string(), before: z.string(), after: z.string() })),
});
export type ConfigurationChangeView = z.output<typeof configurationChange>;

export const runtimeConfigurationView = z.object({
  asOf: instant,
  endpointName: z.string(),
  environmentName: z.string(),
  configuration: runtimeConfiguration,
  /** SHA-256 of the canonical JSON: what a release is bound to. */
  digest: z.string(),
  /** How often it was changed; 0: the defaults. */
  number: count,
  lines: z.array(z.object({ label: z.string(), value: z.string(), isDefault: z.boolean() })),
  /** Newest first; at most 20. */
  history: z.array(configurationChange),
  /** The release whose approvals a change would void; null: none. */
  voids: z.object({ releaseNumber: count, approvals: count }).nullable(),
  mayEdit: openAct,
});
export type RuntimeConfigurationView = z.output<typeof runtimeConfigurationView>;
