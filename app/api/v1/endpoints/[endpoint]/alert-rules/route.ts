import { readAlertRules, saveAlertRules } from "#lib/contracts/api/monitoring-operations.ts";
import { etagOf } from "#lib/api/conditional.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readAlertRules, async ({ app, actor, params }) => {
  const { rules, rowVersion, isDefault } = await app.monitoring.readAlertRules(actor, params);
  const stored = rules.map(({ key, enabled, limit, windowSeconds, minimum, severity, opensIncident }) => ({ key, enabled, limit, windowSeconds, minimum, severity, opensIncident }));
  return { body: { rules: stored, rowVersion, isDefault }, headers: { etag: etagOf(rowVersion) } };
});

export const PUT = route(saveAlertRules, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.monitoring.saveAlertRules(actor, { ...params, ...body, expectedRowVersion: ifMatch }),
}));
