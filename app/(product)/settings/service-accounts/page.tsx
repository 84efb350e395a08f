import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ServiceAccountsPage } from "#components/settings/service-accounts-page.tsx";
import { toServiceAccountView } from "#lib/api/people-views.ts";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { serviceAccountView } from "#lib/contracts/people-api.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "Service accounts" };

export default async function ServiceAccounts(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("person:read", "/settings/service-accounts");
  const accounts = await app.people.listServiceAccounts(actor, {});
  return (
    <ServiceAccountsPage
      accounts={accounts.map((account) => serviceAccountView.parse(toServiceAccountView(account)))}
      mayManage={allowsSomewhere(actor, "person:invite")}
      asOf={new Date().toISOString()}
      open={settingsPlaces(actor)}
    />
  );
}
