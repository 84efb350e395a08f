import type { Metadata } from "next";
import type { ReactNode } from "react";
import { AuditPage } from "#components/audit/audit-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { AUDIT_PAGE, auditFilterFrom } from "#lib/client/audit-queries.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";

export const metadata: Metadata = { title: "Audit trail" };

export default async function Audit({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("audit:read", "/audit");
  const given = await searchParams;
  const filter = auditFilterFrom((name) =>
    oneParam(given[name] ?? (name === "environment" ? given["env"] : undefined), 256),
  );
  // A name that nothing has is refused; the page says so and keeps the chips, so that it can be taken off.
  const list = await app.audit.list(actor, { ...filter, limit: AUDIT_PAGE }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "invalid_input") return null;
    throw error;
  });
  const { data: endpoints } = await app.registry.listEndpoints(actor, {});
  return (
    <AuditPage
      initial={list}
      initialFilter={filter}
      endpoints={endpoints.map(({ name, environment }) => ({ name, environmentName: environment }))}
      mayExport={allowsSomewhere(actor, "audit:export")}
      asOf={new Date().toISOString()}
    />
  );
}
