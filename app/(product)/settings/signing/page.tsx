import type { Metadata } from "next";
import type { ReactNode } from "react";
import { SigningPage } from "#components/settings/signing-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "Signing" };

const DELEGABLE = ["ml_lead", "validator", "compliance"];

export default async function Signing(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("signing:read", "/settings/signing");
  const rules = await app.signing.readSigningRules(actor, {});
  const { data } = await app.signing.listDelegations(actor, {});
  const mine = [...new Set(actor.roles.map(({ role }) => role as string))].filter((role) => DELEGABLE.includes(role));
  const may = { mayManage: allowsSomewhere(actor, "signing:manage"), mine, viewerName: actor.name };
  return <SigningPage rules={rules} delegations={data} asOf={new Date().toISOString()} open={settingsPlaces(actor)} {...may} />;
}
