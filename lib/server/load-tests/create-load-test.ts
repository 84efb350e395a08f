import { createLoadTestBody } from "#lib/contracts/load-test.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { LOAD_FACTORS, MOST_REQUESTS } from "#lib/domain/load-test/stages.ts";
import { command } from "../command.ts";
import { contentDigest, asJson } from "../content-digest.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import { newId } from "../new-id.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import { loadTestTargets } from "./locate-load-test.ts";

/** Why nothing may be tested here at all, in a sentence; null when it may. */
export function placeProblem({ name, pattern, environment, stableVersionId }: EndpointRecord): string | null {
  if (pattern !== "online") return `${name} answers no requests.`;
  if (environment.policy.stage !== "staging") return `${environment.name} is a production environment: load is sent only to endpoints of staging environments.`;
  return stableVersionId === null ? `Nothing is live at ${name}.` : null;
}

/** Requests that a test sends in its measured stages. */
export const requestsOf = ({ ratePerSecond, seconds }: { readonly ratePerSecond: number; readonly seconds: number }): number =>
  LOAD_FACTORS.reduce((sum, factor) => sum + Math.max(1, Math.round(ratePerSecond * factor * seconds)), 0);

/** Has a runtime send an endpoint of a staging environment 1, 1.5 and 2 times its planned rate. What it has to hold is agreed on here, before anything is measured. */
export const createLoadTest = command({
  name: "create-load-test",
  permission: "endpoint:load_test",
  input: createLoadTestBody.extend({ endpoint: slug }),
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input: { endpoint: name, ...settings }, now, located: { endpoint } }) {
    const problem = placeProblem(endpoint);
    if (problem !== null || endpoint.stableVersionId === null) throw new AppError("conflict", problem ?? `Nothing is live at ${name}.`, { hint: "Test the version where it is rehearsed; the evidence goes with it." });
    const total = requestsOf(settings);
    if (total > MOST_REQUESTS) {
      const message = `That would be ${total} requests; at most ${MOST_REQUESTS} are sent in one test.`;
      throw new AppError("invalid_input", message, { hint: "Test for fewer seconds.", errors: [{ pointer: "/seconds", message }] });
    }
    const release = await tx.releases.openReleaseOf(endpoint.id);
    if (release !== null) throw new AppError("conflict", `Release ${release.number} is open at ${name}; the load would count as its traffic.`, { hint: "Test before a release begins or after it has ended." });
    const open = await tx.loadTests.openLoadTestOf(endpoint.id);
    if (open !== null) throw new AppError("conflict", `Load test ${open} of ${name} is not done yet.`, { hint: "Wait for it, or cancel it." });
    const version = await tx.models.getVersionById(endpoint.stableVersionId);
    const { configuration, digest } = await tx.runtimeConfigurations.configurationOf(endpoint.id);
    const id = newId();
    const test = { id, endpointId: endpoint.id, versionId: version.id, settings, configuration, configurationDigest: digest, createdById: actor.userId, createdBy: actor.name };
    const number = await tx.loadTests.insertLoadTest(test, now);
    const { requests, ...agreed } = settings;
    return {
      result: { id, number },
      notify: ["desired-state"],
      audit: {
        action: "load_test.started",
        targets: loadTestTargets({ id, number }, endpoint, version),
        after: { ...agreed, recordedRequests: requests === null ? null : { count: requests.length, digest: contentDigest(asJson(requests)) }, configuration: digest },
      },
    };
  },
});
