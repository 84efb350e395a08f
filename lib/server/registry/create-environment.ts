import { createEnvironmentBody } from "#lib/contracts/registry-api.ts";
import { productionPolicy } from "#lib/contracts/environment-policy.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { asJson } from "../content-digest.ts";
import { requireKnown } from "../governance/requirements.ts";
import { newId } from "../new-id.ts";

const createEnvironmentIn = (demo: boolean) => command({
  name: "create-environment",
  permission: "environment:create",
  input: createEnvironmentBody,
  async run({ tx, input }) {
    if (await tx.endpoints.findEnvironment(input.name)) {
      throw new AppError("already_exists", `There is already an environment named ${input.name}.`, {
        errors: [{ pointer: "/name", message: "This name is taken." }],
      });
    }
    const id = newId();
    const policy = input.policy ?? productionPolicy;
    requireKnown(policy.requiredEvidence, "/policy/requiredEvidence");
    await tx.endpoints.insertEnvironment({ id, name: input.name, policy, demo });
    return {
      result: { id, name: input.name },
      audit: {
        action: "environment.created",
        targets: [{ type: "environment", id, name: input.name, digest: null }],
        after: { policy: asJson(policy) },
      },
    };
  },
});

/** A new environment; without a policy it gets the one for production, the strictest we ship. */
export const createEnvironment = createEnvironmentIn(false);

/** The same, marked as part of the demonstration: its plans are quick enough to watch. */
export const createDemoEnvironment = createEnvironmentIn(true);
