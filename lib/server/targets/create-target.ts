import { isIP } from "node:net";
import { z } from "zod";
import { modelSignature } from "#lib/contracts/signature.ts";
import { bindVersionBody, createTargetBody } from "#lib/contracts/target-api.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget, UnitOfWork } from "../ports.ts";
import { sealHeaders } from "./seal-headers.ts";

export const targetOf = ({ id, name }: { readonly id: string; readonly name: string }): AuditTarget => ({ type: "target", id, name, digest: null });

/** Refuses addresses at which clouds hand out credentials: no model is there. */
export function refuseMetadata(pointer: string, url: string): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const isLinkLocal = (isIP(host) === 4 && host.startsWith("169.254.")) || (isIP(host) === 6 && /^fe[89ab]/.test(host)) || host === "fd00:ec2::254";
  if (!isLinkLocal && host !== "metadata.google.internal") return;
  throw new AppError("invalid_input", "This address is one at which clouds keep credentials, not models.", { errors: [{ pointer, message: "Not allowed." }] });
}

/** Names a server that runs models. Its credentials are sealed before they reach the database. */
export const createTarget = command({
  name: "create-target",
  permission: "runtime:manage",
  input: createTargetBody.extend({ secret: z.string().min(32) }),
  async run({ tx, actor, input }) {
    const environment = await tx.endpoints.findEnvironment(input.environment);
    if (!environment) throw new AppError("invalid_input", `There is no environment ${input.environment}.`, { errors: [{ pointer: "/environment", message: "No such environment." }] });
    refuseMetadata("/url", input.url);
    if (input.managementUrl !== null) refuseMetadata("/managementUrl", input.managementUrl);
    if (await tx.targets.findTarget(input.name)) throw new AppError("already_exists", `There is already a target named ${input.name}.`, { errors: [{ pointer: "/name", message: "This name is taken." }] });
    const { secret, environment: _environment, headers, ...rest } = input;
    const id = newId();
    const sealedHeaders = Object.keys(headers).length === 0 ? null : sealHeaders(secret, id, headers);
    await tx.targets.insertTarget({ ...rest, id, environmentId: environment.id, sealedHeaders, createdBy: actor.name });
    return {
      result: { id, name: input.name },
      audit: {
        action: "target.created",
        targets: [targetOf({ id, name: input.name }), { type: "environment", id: environment.id, name: environment.name, digest: null }],
        // Names of headers, never their values.
        after: { kind: input.kind, url: input.url, managementUrl: input.managementUrl, timeoutMs: input.timeoutMs, isIsolated: input.isIsolated, headers: Object.keys(headers) },
      },
    };
  },
});

/** Says that a server runs a version. Only before the version is put anywhere: what it ran on does not change behind a deployment. */
export const bindVersion = command({
  name: "bind-version",
  permission: "endpoint:edit",
  input: bindVersionBody.extend({ target: slug }),
  async locate({ tx, input }) {
    const target = await tx.targets.getTarget(input.target);
    return { environmentId: target.environmentId, targets: [targetOf(target)], target };
  },
  async run({ tx, actor, input, located: { target, targets } }) {
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (!version) throw notFound();
    const signature = modelSignature.safeParse(version.signature);
    if (!signature.success) throw new AppError("conflict", `${version.name} has no signature; requests could not be checked.`, { hint: "Register it with a signature." });
    if (target.kind === "torchserve" && (signature.data.inputs.length !== 1 || signature.data.outputs.length !== 1))
      throw new AppError("invalid_input", "TorchServe takes models with one input and one output only.");
    if (target.kind === "json" && input.mapping === null)
      throw new AppError("invalid_input", "A JSON endpoint needs a mapping.", { errors: [{ pointer: "/mapping", message: "Say the path, and where inputs and outputs are." }] });
    if (await tx.targets.bindingOfVersion(version.id)) throw new AppError("conflict", `${version.name} is on a target already.`, { hint: "Another server is another version: register it anew." });
    if (await tx.targets.isVersionDeployed(version.id)) throw new AppError("conflict", `${version.name} has been on an endpoint; where it runs does not change any more.`);
    const id = newId();
    await tx.targets.insertBinding({
      id,
      versionId: version.id,
      targetId: target.id,
      remoteModel: input.remoteModel ?? input.model,
      remoteVersion: input.remoteVersion,
      mapping: input.mapping,
      boundBy: actor.name,
    });
    return {
      result: { id },
      notify: ["desired-state"],
      audit: {
        action: "target.version_bound",
        targets: [...targets, { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }],
        after: { remoteModel: input.remoteModel ?? input.model, remoteVersion: input.remoteVersion },
      },
    };
  },
});

/** Refuses to put a version live in another environment than its target belongs to. */
export async function requireTargetIn(tx: UnitOfWork, versionId: string, environment: { readonly id: string; readonly name: string }): Promise<void> {
  const binding = await tx.targets.bindingOfVersion(versionId);
  if (binding === null || binding.target.environmentId === environment.id) return;
  throw new AppError("conflict", `This version runs on ${binding.target.name}, which does not belong to ${environment.name}.`, {
    hint: "Register the version anew and put it on a target of this environment.",
  });
}
