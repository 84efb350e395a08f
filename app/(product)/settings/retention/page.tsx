import type { Metadata } from "next";
import type { ReactNode } from "react";
import { RetentionPage } from "#components/settings/retention-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "Retention" };

export default async function Retention(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("retention:read", "/settings/retention");
  const view = await app.retention.readRetention(actor, {});
  const models = await app.store.read((db) => db.models.listModels());
  return (
    <RetentionPage
      view={view}
      asOf={new Date().toISOString()}
      models={models.map(({ name }) => name)}
      mayManage={allowsSomewhere(actor, "retention:manage")}
      open={settingsPlaces(actor)}
    />
  );
}
