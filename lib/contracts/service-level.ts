import { z } from "zod";

/** What is promised of an endpoint, how it is scaled and what it costs, on the wire and as stored. */

export const objectives = z
  .strictObject({
    availability: z.number().min(0.5, "From 0.5.").max(0.99999, "At most 0.99999: without a budget nothing may ever fail."),
    latencyMs: z.number().min(0.1).max(600_000).nullable(),
    latencyShare: z.number().min(0.5, "From 0.5.").max(0.99999, "At most 0.99999.").nullable(),
  })
  .superRefine(({ latencyMs, latencyShare }, context) => {
    if ((latencyMs === null) === (latencyShare === null)) return;
    context.addIssue({ code: "custom", path: [latencyMs === null ? "latencyMs" : "latencyShare"], message: "An objective for latency needs a time and a share; leave out both for none." });
  });

export const scaling = z
  .strictObject({
    minReplicas: z.number().int().min(1).max(1000),
    maxReplicas: z.number().int().min(1).max(1000),
    targetUtilisation: z.number().min(0.05).max(0.95),
    scaleDownAfterSeconds: z.number().int().min(0).max(3600),
  })
  .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, { path: ["maxReplicas"], message: "At least as many as the fewest." });

const price = z.number().min(0).max(1_000_000);
export const prices = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, "Three capital letters, such as EUR."),
  perReplicaHour: price,
  perMonth: price,
  perThousandRequests: price,
});

export const serviceLevelBody = z.strictObject({
  objectives: objectives.nullable(),
  scaling: scaling.nullable(),
  prices: prices.nullable(),
  reason: z.string().trim().min(3, "Say why in a few words.").max(1000),
});
