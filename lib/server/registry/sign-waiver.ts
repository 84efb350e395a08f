import { z } from "zod";
import { requirement } from "#lib/contracts/environment-policy.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { requireKnown } from "../governance/requirements.ts";
import { newId } from "../new-id.ts";

const MAX_DAYS = 90;

/** An exception from one requirement of an environment: signed by a person, with a reason, and with an end. */
export const signWaiver = command({
  name: "sign-waiver",
  permission: "environment:waive",
  input: z.strictObject({
    environment: slug,
    requirement,
    reason: z.string().trim().min(10).max(2000),
    days: z.number().int().min(1).max(MAX_DAYS),
  }),
  async locate({ tx, input }) {
    const environment = await tx.endpoints.findEnvironment(input.environment);
    if (!environment) throw notFound();
    return {
      environmentId: environment.id,
      targets: [{ type: "environment", id: environment.id, name: environment.name, digest: null }],
      environment,
    };
  },
  async run({ tx, actor, input, now, located: { environment, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A waiver is signed by a person.");
    requireKnown([input.requirement], "/requirement");
    const id = newId();
    const expiresAt = new Date(now.getTime() + input.days * 86_400_000);
    await tx.evidence.insertWaiver({
      id,
      environmentId: environment.id,
      requirement: input.requirement,
      reason: input.reason,
      signedById: actor.userId,
      expiresAt,
    });
    return {
      result: { id, expiresAt: expiresAt.toISOString() },
      audit: {
        action: "waiver.signed",
        targets: [{ type: "waiver", id, name: input.requirement, digest: null }, ...targets],
        after: { requirement: input.requirement, expiresAt: expiresAt.toISOString() },
        reason: input.reason,
      },
    };
  },
});
