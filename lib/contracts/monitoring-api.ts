import { z } from "zod";
import { alertStates } from "#lib/domain/drift/alert-state.ts";
import { ruleKeys, ruleKinds, ruleWindows, severities, signalClasses, type AlertRule } from "#lib/domain/drift/alert-rules.ts";

/** Alerts and their rules on the wire. */

export const ruleKey = z.enum(ruleKeys);
export const alertSeverity = z.enum(severities);
export const signalClass = z.enum(signalClasses);
export const alertState = z.enum(alertStates);

export const alertRule: z.ZodType<AlertRule> = z
  .strictObject({
    key: ruleKey,
    enabled: z.boolean(),
    limit: z.number().nullable(),
    windowSeconds: z.literal(ruleWindows),
    minimum: z.number().int().min(0).max(1_000_000),
    severity: alertSeverity,
    opensIncident: z.boolean(),
  })
  .superRefine(({ key, limit }, context) => {
    const { maximum, unit } = ruleKinds[key];
    if (limit !== null && unit !== "value" && (limit <= 0 || limit > maximum)) {
      context.addIssue({ code: "custom", path: ["limit"], message: `Give a limit above 0 and at most ${String(maximum)}.` });
    }
  });

export const saveRulesBody = z.strictObject({
  rules: z
    .array(alertRule)
    .min(1)
    .max(ruleKeys.length)
    .refine((rules) => new Set(rules.map(({ key }) => key)).size === rules.length, "Each rule may come once."),
  reason: z.string().trim().min(3, "Say why in a few words.").max(1000),
});

const reason = z.string().trim().min(3, "Say why in a few words.").max(1000);
export const acknowledgeAlertBody = z.strictObject({ note: reason });
export const silenceBody = z.strictObject({
  /** Null: every rule of the endpoint. */
  rule: ruleKey.nullable(),
  minutes: z.number().int().min(5).max(30 * 24 * 60),
  reason,
});
