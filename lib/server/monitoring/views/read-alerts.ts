import { alertsViewQuery, type AlertsView, type RulesView } from "#lib/contracts/views/monitoring-view.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { defaultRules, ruleKinds } from "#lib/domain/drift/alert-rules.ts";
import { z } from "zod";
import { query } from "../../read.ts";
import { actFor, actIn, BUILDERS } from "../../registry/views/open-acts.ts";
import { alertRows } from "./alert-rows.ts";

const PAGE = 50;

/** Alerts of the environments that the reader may see, newest first. */
export const readAlerts = query({
  name: "read-alerts",
  permission: "alert:read",
  of: "many",
  input: alertsViewQuery,
  async run({ db, actor, input, now }): Promise<AlertsView> {
    const environments = environmentsAllowed(actor, "alert:read");
    const found = await db.alerts.listAlerts({ environments, show: input.show, before: input.before }, PAGE + 1);
    const page = found.slice(0, PAGE);
    return {
      asOf: now.toISOString(),
      show: input.show,
      alerts: await alertRows(db, page),
      next: found.length > PAGE ? (page.at(-1)?.number ?? null) : null,
      mayAcknowledge: actFor(actor, "alert:acknowledge", "engineers, ML leads, validators and administrators"),
    };
  },
});

/** The rules of an endpoint, with what each measures and its default. */
export const readAlertRules = query({
  name: "read-alert-rules",
  permission: "alert:read",
  of: "one",
  input: z.strictObject({ endpoint: slug }),
  async run({ db, actor, input, now, authorise }): Promise<RulesView> {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise({ environmentId: endpoint.environment.id, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }] });
    const { rules, rowVersion, isDefault } = await db.alerts.rulesOf(endpoint.id);
    return {
      asOf: now.toISOString(),
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      rowVersion,
      isDefault,
      rules: rules.map((rule) => {
        const { title, meaning, signalClass, unit, above } = ruleKinds[rule.key];
        const defaultLimit = defaultRules.find(({ key }) => key === rule.key)?.limit ?? null;
        return { ...rule, title, meaning, signalClass, unit, above, defaultLimit };
      }),
      mayEdit: actIn(actor, "alert:edit_rules", endpoint.environment.id, `${BUILDERS} and administrators`),
    };
  },
});
