import { approvalRule } from "#lib/contracts/environment-policy.ts";
import { newReleaseQuery, type CandidateChoice, type NewReleaseView, type StrategyChoice } from "#lib/contracts/views/new-release-view.ts";
import { allowsSomewhere, environmentsAllowed, ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import { metricName } from "#lib/domain/release/labels.ts";
import { guardText } from "#lib/domain/release/limit-words.ts";
import { STRATEGIES, type Plan } from "#lib/domain/release/plan.ts";
import { powerOf } from "#lib/domain/release/power.ts";
import { STRATEGY_WORDS } from "#lib/domain/release/strategy-words.ts";
import { asJson } from "../../content-digest.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { loadGrounds } from "../../governance/load-grounds.ts";
import { query } from "../../read.ts";
import { requestsPerSecond, trafficOf } from "../endpoint-traffic.ts";
import { openRequirements } from "../open-requirements.ts";
import { planFor, strategyRefusal } from "../plan-for.ts";

const roleWord = (role: string): string => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : role);

async function candidatesOf(db: ReadModels, endpoint: EndpointRecord, now: Date): Promise<CandidateChoice[]> {
  const model = await db.models.getModel(endpoint.modelName);
  const choices: CandidateChoice[] = [];
  for (const version of await db.models.listVersions(endpoint.modelId)) {
    if (version.id === endpoint.stableVersionId) continue;
    const grounds = await loadGrounds(db, { model, version, endpointIds: [endpoint.id], environmentId: endpoint.environment.id, release: null }, now);
    const author = await db.people.findPerson(version.authorId);
    choices.push({
      versionId: version.id,
      versionName: version.name,
      digest: version.digest,
      createdAt: version.createdAt.toISOString(),
      authorName: author?.name ?? "Unknown person",
      blockers: openRequirements(version, endpoint.environment.policy, grounds, "submit"),
    });
  }
  return choices;
}

const guardNotes = (plan: Plan) =>
  plan.guards.map((guard) => ({ metric: guard.metric, name: metricName(guard.metric), text: guardText(guard) }));

async function strategiesOf(db: ReadModels, endpoint: EndpointRecord, now: Date): Promise<StrategyChoice[]> {
  const { riskTier } = await db.models.getModel(endpoint.modelName);
  const traffic = await trafficOf(db, endpoint, now);
  return STRATEGIES.map((name) => {
    const plan = planFor(endpoint.environment, name);
    const power = traffic === null ? null : powerOf(plan, traffic);
    return {
      name,
      ...STRATEGY_WORDS[name],
      closedBecause: strategyRefusal(name, { ...endpoint.environment, riskTier }),
      plan: asJson(plan) as Record<string, unknown>,
      steps: plan.steps.map((step) => ({ ...step })),
      guards: guardNotes(plan),
      power: traffic === null || power === null ? null : { ...traffic, detections: [...power.detections], safeSeconds: power.safeSeconds },
    };
  });
}

/** What the new release form needs: endpoints by name, and of the chosen one its candidates and the policy's plan. */
export const readNewRelease = query({
  name: "read-new-release",
  permission: "release:read",
  of: "many",
  input: newReleaseQuery,
  async run({ db, actor, input, now }): Promise<NewReleaseView> {
    const allowed = environmentsAllowed(actor, "release:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
    const choices: NewReleaseView["endpoints"] = [];
    for (const endpoint of endpoints) {
      const open = await db.releases.openReleaseOf(endpoint.id);
      const stable = endpoint.stableVersionId === null ? null : await db.models.getVersionById(endpoint.stableVersionId);
      choices.push({
        endpointId: endpoint.id,
        name: endpoint.name,
        environmentName: endpoint.environment.name,
        modelName: endpoint.modelName,
        stableVersionName: stable?.name ?? null,
        openReleaseNumber: open?.number ?? null,
      });
    }
    const chosen = endpoints.find(({ name }) => name === input.endpoint);
    const mayCreate = allowsSomewhere(actor, "release:create");
    const plan = chosen ? planFor(chosen.environment) : null;
    const rule = chosen ? approvalRule(chosen.environment.policy, (await db.models.getModel(chosen.modelName)).riskTier) : { approvals: 0, roles: [], eachOf: [] };
    return {
      asOf: now.toISOString(),
      endpoints: choices,
      chosen:
        chosen && plan
          ? {
              endpointId: chosen.id,
              candidates: await candidatesOf(db, chosen, now),
              strategies: await strategiesOf(db, chosen, now),
              plan: asJson(plan) as Record<string, unknown>,
              steps: plan.steps.map((step) => ({ ...step })),
              guards: guardNotes(plan),
              bakeSeconds: plan.bakeSeconds,
              exposureCapBp: plan.exposureCapBp,
              approvalsRequired: rule.approvals,
              approverRoles: rule.roles.map(roleWord),
              rolesNeeded: rule.eachOf.map(roleWord),
              requestsPerSecond: await requestsPerSecond(db, chosen.id, now),
            }
          : null,
      mayCreate: { open: mayCreate, closedBecause: mayCreate ? null : "Open to engineers and ML leads." },
    };
  },
});
