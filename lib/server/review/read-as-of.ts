import { z } from "zod";
import { auditAsOfQuery, type AuditAsOfView } from "#lib/contracts/audit-api.ts";
import { approvalRule, environmentPolicy, type EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import { approvingRoles, standingsAfter, type StandingEvent } from "#lib/domain/access/standing.ts";
import { ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import { mayApprove } from "#lib/domain/release/approvals.ts";
import type { ApprovalRule } from "#lib/domain/release/approval-terms.ts";
import { planLimits, type LimitLine } from "#lib/domain/release/limit-words.ts";
import { parsePlan } from "#lib/domain/release/parse-plan.ts";
import { formatSeconds, formatShare } from "#lib/domain/release/wording.ts";
import { configurationLines } from "#lib/domain/serving/configuration-lines.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { PastAct } from "../db/trail-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

const STANDING_ACTS = { "role.granted": "granted", "role.revoked": "revoked", "user.disabled": "disabled", "user.enabled": "enabled" } as const;
const POLICY_ACTS = ["environment.created", "environment.policy_changed"] as const;

const roleWord = (role: string): string => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : role);
const grantFields = z.object({ role: z.string(), environment: z.string().nullable() });

function standingEvent(act: PastAct): StandingEvent[] {
  const kind = Object.entries(STANDING_ACTS).find(([action]) => action === act.action)?.[1];
  const userId = act.targets.find(({ type }) => type === "user")?.id;
  if (kind === undefined || userId === undefined) return [];
  if (kind === "disabled" || kind === "enabled") return [{ kind, userId }];
  const fields = grantFields.safeParse(kind === "granted" ? act.after : act.before);
  return fields.success ? [{ kind, userId, ...fields.data }] : [];
}

type PolicyThen = { readonly policy: EnvironmentPolicy; readonly since: Date; readonly by: string };

async function policyAt(db: ReadModels, environmentId: string, at: Date): Promise<PolicyThen | null> {
  const act = await db.entries.lastActOn(environmentId, POLICY_ACTS, at);
  const policy = environmentPolicy.safeParse(act?.after?.["policy"]);
  return act === null || !policy.success ? null : { policy: policy.data, since: act.occurredAt, by: act.actorName };
}

const policyLines = (policy: EnvironmentPolicy): LimitLine[] => [
  { label: "Strategies", text: policy.allowedStrategies.map((one) => one.replaceAll("_", " ")).join(", ") },
  { label: "Weight without proof of safety", text: `at most ${formatShare(policy.exposureCapBp / 10_000)}` },
  { label: "Bake after promotion", text: formatSeconds(policy.bakeSeconds) },
  { label: "False roll back, whole release", text: `at most ${formatShare(policy.alpha)}` },
  { label: "False proof of safety, each guard", text: `at most ${formatShare(policy.beta)}` },
  { label: "A silent arm loses its weight", text: `after ${formatSeconds(policy.blindLimitSeconds)}` },
  { label: "A runtime out of contact serves stable", text: `after ${formatSeconds(policy.deadmanSeconds)}` },
  { label: "Approvals lapse", text: `after ${String(policy.approvalExpiresHours)} h` },
  { label: "Evidence asked for", text: policy.requiredEvidence.length === 0 ? "none" : policy.requiredEvidence.join(", ") },
];

/** The plan as it stood: what the next change says was before it, else what it is now. Null where the trail holds only its hash. */
async function limitsAt(db: ReadModels, record: ReleaseRecord, at: Date): Promise<LimitLine[] | null> {
  const next = await db.entries.nextActOn(record.release.id, ["release.plan_changed"], at);
  if (next === null) return planLimits(record.release.plan);
  const before = next.before?.["plan"];
  const plan = parsePlan(before);
  return plan === null ? null : planLimits(plan);
}

const termsFields = z.object({ approvalsNeeded: z.number().int(), approverRoles: z.array(z.string()), rolesNeeded: z.array(z.string()).default([]) });

/** What it had to be approved by; break-glass sets that aside from its moment on and says what it was before. */
async function termsAt(db: ReadModels, { release }: ReleaseRecord, at: Date): Promise<ApprovalRule> {
  const broken = await db.entries.nextActOn(release.id, ["release.break_glass_used"], at);
  const before = termsFields.safeParse(broken?.before);
  const { approvalsNeeded, approverRoles, rolesNeeded } = before.success ? before.data : release;
  return { approvals: approvalsNeeded, roles: approverRoles, eachOf: rolesNeeded ?? [] };
}

type People = NonNullable<AuditAsOfView["approval"]>["people"];
type Held = People[number]["roles"][number];

/** Who held, or was given for a time, a role that counts there, by the trail and the delegations; accounts of one human being are one. */
async function approversAt(db: ReadModels, environmentName: string, roles: readonly string[], record: ReleaseRecord | null, at: Date): Promise<People> {
  const acts = await db.entries.actsUntil(Object.keys(STANDING_ACTS), at);
  const standings = standingsAfter(acts.flatMap(standingEvent));
  const delegations = await db.signatures.delegationsAt(at);
  const able = [...standings].map(([userId, standing]) => ({ userId, own: approvingRoles(standing, environmentName) })).filter(({ own }) => own.length > 0);
  const people = await db.people.findPeople([...able.map(({ userId }) => userId), ...delegations.map(({ fromUserId }) => fromUserId)]);
  const found = new Map<string, { name: string; roles: Map<string, Held> }>();
  for (const { userId, own } of able) {
    const person = people.get(userId);
    if (person?.kind !== "person") continue;
    const one = found.get(person.personId) ?? { name: person.name, roles: new Map<string, Held>() };
    const counts = (role: string) => roles.length === 0 || roles.includes(role);
    for (const role of own) if (counts(role)) one.roles.set(role, { role: roleWord(role), inPlaceOf: null });
    for (const { toUserId, fromUserId, role } of delegations) {
      if (toUserId !== userId || !counts(role) || one.roles.has(role)) continue;
      one.roles.set(role, { role: roleWord(role), inPlaceOf: people.get(fromUserId)?.name ?? "a person who is gone" });
    }
    found.set(person.personId, one);
  }
  return [...found]
    .filter(([, one]) => one.roles.size > 0)
    .map(([personId, one]) => ({ name: one.name, roles: [...one.roles.values()], isIndependent: record === null || mayApprove(record.release, personId) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function approvalAt(db: ReadModels, endpoint: EndpointRecord, record: ReleaseRecord | null, then: PolicyThen | null, at: Date): Promise<AuditAsOfView["approval"]> {
  const { riskTier } = await db.models.getModel(endpoint.modelName);
  const rule = record !== null ? await termsAt(db, record, at) : then === null ? null : approvalRule(then.policy, riskTier);
  if (rule === null) return null;
  return {
    basis: record === null ? "policy" : "release",
    needed: rule.approvals,
    roles: rule.roles.map(roleWord),
    rolesNeeded: rule.eachOf.map(roleWord),
    people: await approversAt(db, endpoint.environment.name, rule.roles, record, at),
  };
}

/**
 * By which limits an endpoint was served and released at a past moment, and who could approve there: from the rows that keep their past
 * (releases, runtime configurations, delegations) and, for policy and roles, which keep only the present, from the trail.
 */
export const readAsOf = query({
  name: "read-as-of",
  permission: "audit:read",
  of: "one",
  input: auditAsOfQuery,
  async run({ db, input, authorise }): Promise<AuditAsOfView> {
    const { endpoint, ...place } = await locateEndpoint(db, { name: input.endpoint });
    authorise(place);
    const at = new Date(input.at);
    const then = await policyAt(db, endpoint.environment.id, at);
    const serving = await db.runtimeConfigurations.configurationAt(endpoint.id, at);
    const record = await db.releases.openReleaseAt(endpoint.id, at);
    return {
      at: input.at,
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      policy: then === null ? null : { since: then.since.toISOString(), by: then.by, lines: policyLines(then.policy) },
      serving: {
        number: serving.number,
        digest: serving.digest,
        since: serving.createdAt?.toISOString() ?? null,
        lines: configurationLines(serving.configuration).map(({ label, value }) => ({ label, text: value })),
      },
      release: record === null ? null : { number: record.number, candidateVersionName: record.candidateName, limits: await limitsAt(db, record, at) },
      approval: await approvalAt(db, endpoint, record, then, at),
    };
  },
});
