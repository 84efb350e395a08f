import { exportAudit } from "#lib/contracts/api/audit-operations.ts";
import { downloadResponse, fileResponse } from "#lib/api/download-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(exportAudit, async ({ app, actor, query: { format, ...filter } }) =>
  format === "pdf" ? fileResponse(await app.audit.exportPdf(actor, filter)) : downloadResponse(await app.audit.exportFile(actor, { ...filter, format })),
);
