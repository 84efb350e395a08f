import { changePolicyBody, slug } from "#lib/contracts/registry-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";

/** Another policy for an environment, with a reason. Releases under way keep the plan that was approved. */
export const changeEnvironmentPolicy = command({
  name: "change-environment-policy",
  permission: "environment:edit",
  input: changePolicyBody.extend({ environment: slug }),
  async locate({ tx, input }) {
    const environment = await tx.endpoints.findEnvironment(input.environment);
    if (environment === null) throw notFound();
    return { environmentId: environment.id, targets: [{ type: "environment", id: environment.id, name: environment.name, digest: null }], environment };
  },
  async run({ tx, input, located: { environment, targets } }) {
    const result = { id: environment.id, name: environment.name };
    const [before, after] = [asJson(environment.policy), asJson(input.policy)];
    if (contentDigest(before) === contentDigest(after)) return { unchanged: true, result };
    await tx.endpoints.savePolicy(environment, input.policy);
    return { result, audit: { action: "environment.policy_changed", targets, before: { policy: before }, after: { policy: after }, reason: input.reason } };
  },
});
