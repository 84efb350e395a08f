import type { Metadata } from "next";
import type { ReactNode } from "react";
import { InstallationPage } from "#components/settings/installation-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "Installation" };

export default async function Installation(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("token:read", "/settings/installation");
  const [installation, { checks }] = await Promise.all([
    app.views.readInstallation(actor, {}),
    app.readiness(),
  ]);
  const vkey = allowsSomewhere(actor, "audit:read") ? (await app.audit.checkpoints(actor)).vkey : null;
  return <InstallationPage view={{ ...installation, checks, vkey }} open={settingsPlaces(actor)} />;
}
