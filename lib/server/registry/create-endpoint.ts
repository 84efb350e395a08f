import { createEndpointBody } from "#lib/contracts/registry-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { requireValidSignatures } from "./sign-version.ts";
import { firstManifest } from "../edge/first-manifest.ts";
import { newId } from "../new-id.ts";
import { requireTargetIn } from "../targets/create-target.ts";
import { loadGrounds } from "../governance/load-grounds.ts";
import { openRequirements } from "../releases/open-requirements.ts";

/**
 * A new endpoint with its first version live at 100 %. There is nothing to compare a first version with, so no canary;
 * the environment's evidence is required all the same, and where it asks for approvals the version's author may not be
 * the one who puts it there.
 */
export const createEndpoint = command({
  name: "create-endpoint",
  permission: "endpoint:create",
  input: createEndpointBody,
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
    if (actor.userId === null) throw new AppError("forbidden", "An endpoint needs a person as its creator.");
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (!version) {
      throw new AppError("invalid_input", `${model.name} has no version ${input.version}.`, {
        errors: [{ pointer: "/version", message: "No such version." }],
      });
    }
    await requireTargetIn(tx, version.id, environment);
    const taken = (await tx.endpoints.listEndpoints()).some(({ name }) => name === input.name);
    if (taken) {
      throw new AppError("already_exists", `There is already an endpoint named ${input.name}.`, {
        errors: [{ pointer: "/name", message: "This name is taken." }],
      });
    }
    requireValidSignatures(`${model.name} ${version.name}`, version.digest, await tx.scans.signaturesOf(version.id));
    const open = openRequirements(
      version,
      environment.policy,
      await loadGrounds(tx, { model, version, endpointIds: [], environmentId: environment.id, release: null }, now),
      "first_weight",
      input.pattern,
    );
    if (open.length > 0) {
      throw new AppError("requirements_open", `${environment.name} asks for more before ${model.name} ${version.name} may be live: ${open.join(" ")}`, {
        hint: "Send the missing evidence, or ask for a waiver.",
        errors: open.map((message) => ({ pointer: "/version", message })),
      });
    }
    if (environment.policy.approvalsRequired > 0 && version.authorId === actor.userId && !environment.demo) {
      throw new AppError("self_approval", `In ${environment.name} another person than its author puts a version live.`, {
        hint: "Ask a colleague to create the endpoint.",
      });
    }
    const id = newId();
    await tx.endpoints.insertEndpoint({
      id,
      name: input.name,
      environmentId: environment.id,
      modelId: model.id,
      createdById: actor.userId,
      demo: environment.demo,
      pattern: input.pattern,
    });
    await tx.endpoints.setStableVersion(id, version.id);
    const epoch = await tx.endpoints.appendRoute({
      id: newId(),
      endpointId: id,
      salt: id,
      releaseId: null,
      arms: [{ versionId: version.id, arm: "stable", weightBp: 10_000 }],
      latencyThresholdsUs: null,
      leaseSeconds: null,
      cause: "endpoint_created",
      actor: actor.name,
    });
    if (input.pattern === "edge") await tx.devices.insertManifest(firstManifest(id, version.id, actor));
    const deploymentId = newId();
    await tx.endpoints.startDeployment({
      id: deploymentId,
      endpointId: id,
      versionId: version.id,
      releaseId: null,
      startedBy: actor.name,
    });
    const endpoint = { type: "endpoint", id, name: input.name, digest: null };
    const subject = { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest };
    return {
      result: { id, name: input.name, epoch },
      notify: ["desired-state"],
      audit: [
        {
          action: "endpoint.created",
          targets: [endpoint, ...targets, { type: "model", id: model.id, name: model.name, digest: null }],
          after: { environment: environment.name, model: model.name, pattern: input.pattern },
        },
        {
          action: "route.changed",
          targets: [endpoint, ...targets, subject],
          before: null,
          after: { epoch, arms: [{ versionId: version.id, arm: "stable", weightBp: 10_000 }], cause: "endpoint_created" },
        },
        {
          action: "deployment.started",
          targets: [{ type: "deployment", id: deploymentId, name: null, digest: null }, endpoint, ...targets, subject],
          after: { weightBp: 10_000, arm: "stable", epoch },
        },
      ],
    };
  },
});
