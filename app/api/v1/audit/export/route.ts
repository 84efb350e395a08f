import { exportAudit } from "#lib/contracts/api/audit-operations.ts";
import { downloadResponse } from "#lib/api/download-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(exportAudit, async ({ app, actor, query }) => downloadResponse(await app.audit.exportFile(actor, query)));
