import type { Metadata } from "next";
import type { ReactNode } from "react";
import { SingleSignOnPage } from "#components/settings/single-sign-on-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Single sign-on" };

export default async function SingleSignOn(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("person:read", "/settings/single-sign-on");
  const { publicUrl } = app.settings;
  const provider = await app.describeSingleSignOn();
  const addresses = { callbackUrl: `${publicUrl}/api/auth/callback/oidc`, scimUrl: `${publicUrl}/scim/v2`, signOutReturnUrl: `${publicUrl}/sign-in` };
  return <SingleSignOnPage view={{ asOf: new Date().toISOString(), ...addresses, provider }} open={settingsPlaces(actor)} />;
}
