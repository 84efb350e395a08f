import type { Metadata } from "next";
import type { ReactNode } from "react";
import { PeoplePage } from "#components/settings/people-page.tsx";
import { toListedPersonView } from "#lib/api/people-views.ts";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";

export const metadata: Metadata = { title: "People" };

export default async function People(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("person:read", "/settings/people");
  const people = await app.people.listPeople(actor, {});
  const { data: environments } = await app.registry.listEnvironments(actor, {});
  return (
    <PeoplePage
      people={people.map(toListedPersonView)}
      environments={environments.map(({ name }) => name)}
      mayManage={allowsSomewhere(actor, "person:grant")}
      viewerId={actor.userId ?? ""}
      asOf={new Date().toISOString()}
      open={settingsPlaces(actor)}
    />
  );
}
