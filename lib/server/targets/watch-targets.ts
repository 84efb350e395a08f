import { z } from "zod";
import { reasonBody } from "#lib/contracts/batch.ts";
import type { DesiredState } from "#lib/contracts/runtime-protocol.ts";
import { driftOf, type Drift } from "#lib/domain/serving/target-kinds.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import { command } from "../command.ts";
import type { BindingRecord } from "../db/target-repository.ts";
import { openIncident } from "../incidents/open-incident.ts";
import { policyActor, type Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { readTarget, restoreTarget, type TargetAccess } from "./read-target.ts";
import { openHeaders } from "./seal-headers.ts";

export type TargetDesk = { readonly store: Store; readonly secret: string };

const READ_EVERY_SECONDS = 60;
const AT_ONCE = 20;

const accessOf = (secret: string, { target }: BindingRecord): TargetAccess => ({
  kind: target.kind,
  url: target.url,
  managementUrl: target.managementUrl,
  headers: openHeaders(secret, target.id, target.sealedHeaders),
});

/** Asks a server what it serves, and keeps the answer. An incident is opened when it begins to serve something else. */
async function readBinding({ store, secret }: TargetDesk, bindingId: string): Promise<Drift | null> {
  const binding = await store.read((db) => db.targets.getBinding(bindingId));
  const served = await readTarget(accessOf(secret, binding), binding.remoteModel);
  if (served === null) return null;
  const drift = driftOf(served, binding.remoteModel, binding.remoteVersion);
  const isNew = await store.telemetry(async (telemetry, _now, publish) => {
    const changed = await telemetry.targetReadings.saveReading(bindingId, "problem" in served ? null : served, drift);
    if (changed) await publish([`target:${binding.target.id}`]);
    return changed;
  });
  // A server that cannot be asked is not a server that was changed.
  if (isNew && (drift.kind === "missing" || drift.kind === "foreign")) await reportDrift(store, binding, drift.problem);
  return drift;
}

async function reportDrift(store: Store, binding: BindingRecord, problem: string): Promise<void> {
  const version = await store.read((db) => db.models.getVersionById(binding.versionId));
  await openIncident(store)(policyActor("Target watch"), {
    title: `${binding.target.name} serves something else than was approved`,
    summary: `${problem} Approved is ${version.modelName} ${version.name} as ${binding.remoteModel}${binding.remoteVersion === null ? "" : ` ${binding.remoteVersion}`}. Restore it on the page of targets, or find out who deployed by hand.`,
    severity: "major",
    model: version.modelName,
    version: version.name,
    alertKey: `target-drift:${binding.id}`,
  });
}

/** Reads back what every bound version's server says, each about once a minute, by whichever replica comes first. */
export async function watchTargets(desk: TargetDesk): Promise<void> {
  for (let read = 0; read < AT_ONCE; read += 1) {
    const bindingId = await desk.store.telemetry((telemetry) => telemetry.targetReadings.claimReading(READ_EVERY_SECONDS));
    if (bindingId === null) return;
    await readBinding(desk, bindingId);
  }
}

const recordRestore = command({
  name: "restore-target-binding",
  permission: "release:rollback",
  input: reasonBody.extend({ bindingId: z.uuid(), drift: z.string() }),
  async locate({ tx, input }) {
    const binding = await tx.targets.getBinding(input.bindingId);
    return { environmentId: binding.target.environmentId, targets: [{ type: "target", id: binding.target.id, name: binding.target.name, digest: null }], binding };
  },
  run: ({ input, located: { binding, targets } }) =>
    Promise.resolve({
      result: {},
      audit: {
        action: "target.restored",
        targets,
        reason: input.reason,
        before: { drift: binding.drift, problem: binding.driftProblem },
        after: { drift: input.drift, remoteModel: binding.remoteModel, remoteVersion: binding.remoteVersion },
      },
    }),
});

/** Tells a server to serve again what was approved, then asks it whether it does. One person, no approval: it is a way back. */
export async function restoreBinding(desk: TargetDesk, actor: Actor, input: { bindingId: string; reason: string }): Promise<{ drift: string; problem: string | null }> {
  const binding = await desk.store.read((db) => db.targets.getBinding(input.bindingId));
  authorise(actor, "release:rollback", { environmentId: binding.target.environmentId, targets: [] });
  try {
    await restoreTarget(accessOf(desk.secret, binding), binding.remoteModel, binding.remoteVersion);
  } catch (cause) {
    throw new AppError("upstream_unavailable", cause instanceof Error ? cause.message : String(cause), { hint: "Look at the server itself.", cause });
  }
  const drift = (await readBinding(desk, binding.id)) ?? { kind: "none" as const };
  await recordRestore(desk.store)(actor, { ...input, drift: drift.kind });
  return { drift: drift.kind, problem: drift.kind === "none" ? null : drift.problem };
}

/** The desired state with the credentials that runtimes need for versions on other servers. They travel to runtimes only. */
export async function withCredentials({ store, secret }: TargetDesk, state: DesiredState): Promise<DesiredState> {
  if (state.versions.every(({ upstream }) => upstream === undefined)) return state;
  const targets = new Map((await store.read((db) => db.targets.listTargets())).map((target) => [target.id, target]));
  return {
    ...state,
    versions: state.versions.map((version) => {
      const target = version.upstream === undefined ? undefined : targets.get(version.upstream.targetId);
      if (version.upstream === undefined || target === undefined) return version;
      return { ...version, upstream: { ...version.upstream, headers: openHeaders(secret, target.id, target.sealedHeaders) } };
    }),
  };
}
