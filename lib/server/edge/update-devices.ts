import { z } from "zod";
import { deviceUpdateReasonBody, startDeviceUpdateBody } from "#lib/contracts/edge.ts";
import { approvalRule } from "#lib/contracts/environment-policy.ts";
import { rolesIn } from "#lib/domain/access/permissions.ts";
import { LAST_RING, RINGS_BP } from "#lib/domain/edge/rings.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import { command } from "../command.ts";
import type { DeviceManifestRecord } from "../db/device-repository.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { ModelRecord, VersionRecord } from "../db/model-repository.ts";
import { loadGrounds } from "../governance/load-grounds.ts";
import { newId } from "../new-id.ts";
import type { Actor, AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";
import { requireValidSignatures } from "../registry/sign-version.ts";
import { switchVersion } from "../registry/switch-version.ts";
import { openRequirements } from "../releases/open-requirements.ts";

const updateOf = { endpoint: z.string().max(64), number: z.number().int().positive() };

const manifestTarget = ({ id, number }: Pick<DeviceManifestRecord, "id" | "number">): AuditTarget => ({ type: "device_update", id, name: `Device update ${number}`, digest: null });

async function locateDevices(tx: UnitOfWork, name: string) {
  const located = await locateEndpoint(tx, { name });
  if (located.endpoint.pattern !== "edge") throw new AppError("conflict", `${name} is not served on devices.`);
  const manifests = await tx.devices.manifestsOf(located.endpoint.id);
  const [newest] = manifests;
  if (newest === undefined) throw notFound();
  return { ...located, manifests, newest };
}

async function locateUpdate(tx: UnitOfWork, input: { endpoint: string; number: number }) {
  const located = await locateDevices(tx, input.endpoint);
  const update = await tx.devices.getManifest(located.endpoint.id, input.number);
  return { ...located, update, targets: [manifestTarget(update), ...located.targets] };
}

/**
 * Refuses a version that the environment does not let devices run now: a signature that does not hold, open requirements, or more approvals than
 * the one that an update of devices can have.
 */
async function requireFit(tx: UnitOfWork, endpoint: EndpointRecord, model: ModelRecord, version: VersionRecord, now: Date): Promise<void> {
  const { environment } = endpoint;
  const { approvals } = approvalRule(environment.policy, model.riskTier);
  if (approvals > 1)
    throw new AppError("conflict", `${environment.name} asks for ${approvals} approvals of a model of this risk tier; an update of devices can have one.`, {
      hint: "Serve it by runtimes, or ask for one approval of this tier.",
    });
  requireValidSignatures(`${model.name} ${version.name}`, version.digest, await tx.scans.signaturesOf(version.id));
  const grounds = await loadGrounds(tx, { model, version, endpointIds: [endpoint.id], environmentId: environment.id, release: null }, now);
  const open = openRequirements(version, environment.policy, grounds, "first_weight", "edge");
  if (open.length > 0)
    throw new AppError("requirements_open", `${environment.name} asks for more before devices may run ${version.name}: ${open.join(" ")}`, {
      errors: open.map((message) => ({ pointer: "/version", message })),
    });
}

/** Offers a version to the devices of an endpoint. It reaches none of them before a person widens it to the first ring. */
export const startDeviceUpdate = command({
  name: "start-device-update",
  permission: "release:create",
  input: startDeviceUpdateBody,
  locate: ({ tx, input }) => locateDevices(tx, input.endpoint),
  async run({ tx, actor, input, now, located: { endpoint, manifests, newest, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "An update needs a person as its author.");
    if (newest.state === "rolling")
      throw new AppError("conflict", `Update ${newest.number} is under way.`, { hint: "Let it reach every device, or stop it." });
    const version = await tx.models.findVersion(endpoint.modelId, input.version);
    if (version === null) throw notFound();
    const model = await tx.models.getModel(endpoint.modelName);
    await requireFit(tx, endpoint, model, version, now);
    const number = newest.number + 1;
    const known = manifests.find(({ versionId }) => versionId === version.id);
    if (known !== undefined && known.versionOrdinal < Math.max(...manifests.filter(({ state }) => state === "complete").map(({ versionOrdinal }) => versionOrdinal)))
      throw new AppError("conflict", `${version.name} is older than what devices run.`, { hint: "Roll back to it instead." });
    const manifest = {
      id: newId(), endpointId: endpoint.id, number, kind: "update", versionId: version.id, versionOrdinal: known?.versionOrdinal ?? number, floorOrdinal: newest.floorOrdinal,
      hardware: input.hardware, ring: 0, state: "rolling", failureLimitBp: input.failureLimitBp, authorId: actor.userId, author: actor.name, reason: input.reason,
    } as const;
    await tx.devices.insertManifest({ ...manifest, hardware: [...input.hardware] });
    return {
      result: { number, ring: 0, state: "rolling" },
      audit: {
        action: "device.update_started",
        targets: [manifestTarget(manifest), ...targets, { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }],
        reason: input.reason,
        after: { number, hardware: [...input.hardware], failureLimitBp: input.failureLimitBp },
      },
    };
  },
});

/** The first device is reached only after somebody else than the author looked, where the environment asks for that. Null: this person may. */
export async function secondPersonMissing(db: Pick<ReadModels, "people">, actor: Actor, update: DeviceManifestRecord, { environment }: EndpointRecord): Promise<AppError | null> {
  const { policy } = environment;
  if (update.ring > 0 || policy.approvalsRequired === 0) return null;
  // Two accounts of one human being are one author.
  const authorPersonId = update.authorId === null ? null : await db.people.personIdOfUser(update.authorId);
  if (actor.personId !== null && actor.personId === authorPersonId) return new AppError("self_approval", "Whoever proposed the update does not let it go to the first devices.", { hint: "Ask a colleague." });
  const roles = rolesIn(actor, environment.id);
  return policy.approverRoles.some((role) => roles.includes(role)) ? null : new AppError("forbidden", `${environment.name} wants the approval of ${policy.approverRoles.join(" or ")}.`);
}

/** The next stand of an update: one ring wider; after the last ring, done. One that was stopped goes on where it was. */
function nextStand({ state, ring }: DeviceManifestRecord): { readonly ring: number; readonly state: "rolling" | "complete" } {
  if (state === "held") return { ring, state: "rolling" };
  return ring === LAST_RING ? { ring, state: "complete" } : { ring: ring + 1, state: "rolling" };
}

/** Widens an update by one ring. From the last one it is completed: the endpoint's version is then the new one. */
export const advanceDeviceUpdate = command({
  name: "advance-device-update",
  permission: "release:advance",
  input: deviceUpdateReasonBody.extend(updateOf),
  locate: ({ tx, input }) => locateUpdate(tx, input),
  async run({ tx, actor, input, now, located: { endpoint, update, newest, targets } }) {
    if (update.state === "complete" || update.number !== newest.number)
      throw new AppError("illegal_transition", `Update ${update.number} cannot be widened any more.`);
    if (actor.userId === null) throw new AppError("forbidden", "Widening an update needs a person.");
    const refusal = await secondPersonMissing(tx, actor, update, endpoint);
    if (refusal !== null) throw refusal;
    // What held when it was offered may have run out since.
    await requireFit(tx, endpoint, await tx.models.getModel(endpoint.modelName), await tx.models.getVersionById(update.versionId), now);
    const { ring, state } = nextStand(update);
    await tx.devices.saveManifest(update, { ring, state });
    const from = endpoint.stableVersionId;
    const moved =
      state === "complete" && from !== null && from !== update.versionId
        ? await switchVersion(tx, actor, endpoint, { from, to: update.versionId, cause: "promotion", reason: input.reason }, targets)
        : [];
    return {
      result: { number: update.number, ring, state },
      audit: [{ action: "device.update_advanced", targets, reason: input.reason, after: { ring, shareBp: RINGS_BP[ring] ?? 0, state } }, ...moved],
    };
  },
});

/** Stops an update: it is offered to no further device. Those that have it keep it until they are rolled back. */
export const holdDeviceUpdate = command({
  name: "hold-device-update",
  permission: "release:hold",
  input: deviceUpdateReasonBody.extend(updateOf),
  locate: ({ tx, input }) => locateUpdate(tx, input),
  async run({ tx, input, located: { update, targets } }) {
    if (update.state !== "rolling") throw new AppError("illegal_transition", `Update ${update.number} is ${update.state}.`);
    await tx.devices.saveManifest(update, { state: "held" });
    return { result: { number: update.number, ring: update.ring, state: "held" }, audit: { action: "device.update_held", targets, reason: input.reason } };
  },
});

/** Whether an order reaches every device that another one reaches; an order without hardware reaches all. */
const reachesAllOf = (order: DeviceManifestRecord, other: DeviceManifestRecord): boolean =>
  order.hardware.length === 0 || (other.hardware.length > 0 && other.hardware.every((one) => order.hardware.includes(one)));

/**
 * What to go back to from the newest order: the newest version that all of its devices ran, and that came here before its own. Never a later one, so
 * that a second roll back goes further back and not forward to what was left.
 */
export function versionBefore(manifests: readonly DeviceManifestRecord[], newest: DeviceManifestRecord): DeviceManifestRecord | undefined {
  return manifests.find((order) => order.state === "complete" && order.versionOrdinal < newest.versionOrdinal && reachesAllOf(order, newest));
}

/** Back to the version before, on every device: one person, one act, no approval. A new order with a higher number names the older version. */
export const rollBackDevices = command({
  name: "roll-back-devices",
  permission: "release:rollback",
  input: deviceUpdateReasonBody.extend({ endpoint: z.string().max(64) }),
  locate: ({ tx, input }) => locateDevices(tx, input.endpoint),
  async run({ tx, actor, input, located: { endpoint, manifests, newest, targets } }) {
    const before = versionBefore(manifests, newest);
    if (before === undefined) throw new AppError("conflict", `${endpoint.name} has had no earlier version on all of these devices to go back to.`);
    if (newest.state === "rolling") await tx.devices.saveManifest(newest, { state: "held" });
    const number = newest.number + 1;
    const manifest = { ...orderOfVersion(before), id: newId(), number, kind: "rollback", authorId: actor.userId, author: actor.name, reason: input.reason, floorOrdinal: newest.floorOrdinal } as const;
    await tx.devices.insertManifest(manifest);
    const version = await tx.models.getVersionById(before.versionId);
    const from = endpoint.stableVersionId;
    const moved = from !== null && from !== before.versionId ? await switchVersion(tx, actor, endpoint, { from, to: before.versionId, cause: "rollback", reason: input.reason }, targets) : [];
    return {
      result: { number, version: version.name },
      audit: [
        {
          action: "device.rolled_back",
          targets: [manifestTarget(manifest), ...targets, { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest }],
          reason: input.reason,
          after: { number, supersedes: newest.number, version: version.name },
        },
        ...moved,
      ],
      forceCheckpoint: true,
    };
  },
});

/** The parts of an order that a rollback to its version takes over. */
const orderOfVersion = ({ endpointId, versionId, versionOrdinal, hardware }: DeviceManifestRecord) =>
  ({ endpointId, versionId, versionOrdinal, hardware, ring: LAST_RING, state: "complete", failureLimitBp: 10_000 }) as const;
