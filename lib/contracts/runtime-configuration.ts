import { z } from "zod";
import { batchingModes, configurationProblems, type RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";

/** The runtime configuration of an endpoint on the wire: `lib/domain/serving/runtime-configuration.ts` says what each value means. */

const wholeNumber = (least: number, most: number, unit: string) =>
  z.number(`Give a whole number of ${unit}.`).int(`Give a whole number of ${unit}.`).min(least, `At least ${String(least)} ${unit}.`).max(most, `At most ${String(most)} ${unit}.`);

const library = z.string().trim().min(1).max(128);

/** What endpoint and runtime share of batching, word for word. */
export const batchingSettings = z.strictObject({
  mode: z.enum(batchingModes),
  maxRows: wholeNumber(2, 1024, "rows").nullable(),
  preferredRows: z.array(wholeNumber(1, 1024, "rows")).max(16, "At most 16 preferred sizes."),
  maxDelayUs: wholeNumber(0, 1_000_000, "microseconds"),
});

export const runtimeConfiguration: z.ZodType<RuntimeConfiguration, RuntimeConfiguration> = z
  .strictObject({
    limits: z.strictObject({
      maxConcurrency: wholeNumber(1, 1_000_000, "requests").nullable(),
      maxQueued: wholeNumber(0, 1_000_000, "requests").nullable(),
      timeoutMs: wholeNumber(1, 3_600_000, "milliseconds").nullable(),
      share: wholeNumber(1, 1000, "shares"),
    }),
    batching: batchingSettings,
    hosts: z.strictObject({
      count: wholeNumber(1, 64, "model hosts"),
      memoryLimitBytes: wholeNumber(1, 1024 ** 4, "bytes").nullable(),
    }),
    environment: z.strictObject({
      lock: z.record(library, library).refine((lock) => Object.keys(lock).length <= 100, "At most 100 libraries."),
      onLockMismatch: z.enum(["refuse", "flag"]),
    }),
    scaling: z.strictObject({
      targetUtilisation: z.number("Give a share between 0.05 and 0.95.").min(0.05, "At least 5 %.").max(0.95, "At most 95 %: above it queues grow without end."),
    }),
  })
  .superRefine((configuration, context) => {
    for (const { pointer, message } of configurationProblems(configuration))
      context.addIssue({ code: "custom", path: pointer.slice(1).split("/"), message });
  });

export const saveRuntimeConfigurationBody = z.strictObject({
  configuration: runtimeConfiguration,
  reason: z.string().trim().min(3, "Say why in a few words.").max(1000),
});
