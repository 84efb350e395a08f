import type { Metadata } from "next";
import type { ReactNode } from "react";
import { TokensPage } from "#components/settings/tokens-page.tsx";
import { toTokenView } from "#lib/api/people-views.ts";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { allowsSomewhere, isPersonRole } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "API tokens" };

export default async function Tokens(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("token:read", "/settings/tokens");
  const tokens = await app.tokens.listTokens(actor, {});
  return (
    <TokensPage
      tokens={tokens.map(toTokenView)}
      roles={[...new Set(actor.roles.map(({ role }) => role).filter((role) => isPersonRole(role)))]}
      mayManage={allowsSomewhere(actor, "token:manage")}
      asOf={new Date().toISOString()}
      open={settingsPlaces(actor)}
    />
  );
}
