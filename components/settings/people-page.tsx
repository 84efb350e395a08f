"use client";

import { useQuery } from "@tanstack/react-query";
import { formatCount } from "#lib/client/format-number.ts";
import { peopleQuery } from "#lib/client/settings-queries.ts";
import type { PersonView } from "#lib/contracts/people-api.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { Section } from "../ui/section.tsx";
import { InviteForm } from "./invite-form.tsx";
import { PeopleTable } from "./people-table.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

/** Everybody here: roles, invitations, access. */
export function PeoplePage({
  people,
  environments,
  mayManage,
  viewerId,
  asOf,
  open,
}: {
  people: readonly PersonView[];
  environments: readonly string[];
  mayManage: boolean;
  viewerId: string;
  asOf: string;
  open: SettingsPlaces;
}) {
  const { data, error } = useQuery({ ...peopleQuery(), initialData: { people: [...people] } });
  const now = useServerNow(asOf);
  return (
    <SettingsFrame
      title="People"
      sub={`${formatCount(data.people.length, "person", "people")}. Every change of a role is in the audit trail.`}
      asOf={asOf}
      open={open}
    >
      {error === null ? null : <p role="alert">{error.message}</p>}
      {mayManage ? null : (
        <p className="caption">
          Only an administrator invites people, changes roles and ends access. You see the list.
        </p>
      )}
      <PeopleTable
        people={data.people}
        environments={environments}
        mayManage={mayManage}
        viewerId={viewerId}
        now={now}
      />
      {mayManage ? (
        <Section id="invite" title="Invite somebody" caption="with a link that works once">
          <InviteForm environments={environments} now={now} />
        </Section>
      ) : null}
    </SettingsFrame>
  );
}
