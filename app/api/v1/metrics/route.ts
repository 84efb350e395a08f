import { readMetrics } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readMetrics, async ({ app, actor }) =>
  new Response(await app.monitoring.readMetrics(actor, {}), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" } }),
);
