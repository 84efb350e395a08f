"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { signOut } from "next-auth/react";
import { useState } from "react";
import { getView, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { formatZonePlace } from "#lib/client/format-time.ts";
import { sessionQuery } from "#lib/client/settings-queries.ts";
import type { Theme } from "#lib/client/theme.ts";
import { getSignOut } from "#lib/contracts/api/session-operations.ts";
import type { SessionView } from "#lib/contracts/people-api.ts";
import { Button } from "../ui/button.tsx";
import { ThemeChoice } from "./theme-choice.tsx";
import { useViewer } from "./viewer-context.tsx";

/** Who is signed in, with which roles and time zone; theme, sign out, and in the demonstration becoming somebody else. */
export function PersonMenu({ theme }: { theme: Theme }) {
  const { viewer, install } = useViewer();
  const [opened, setOpened] = useState(false);
  const session = useQuery({ ...sessionQuery(), enabled: opened && install.demo });
  return (
    <details
      className="rail-account"
      onToggle={(event) => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>
        <b>{viewer.name}</b>
        <span>{viewer.roleLabels.join(", ") || "No role yet"}</span>
      </summary>
      <div className="rail-panel">
        <p>{viewer.email}</p>
        <p>Time zone {formatZonePlace(viewer.timeZone)}</p>
        <ThemeChoice theme={theme} />
        {session.data === undefined ? null : (
          <SwitchPerson people={session.data.demoPeople} present={viewer.email} />
        )}
        <p>
          {install.name === "Slipway" ? "" : `${install.name}, `}Slipway {install.version}
        </p>
        <Button
          small
          onClick={() => {
            void signOutEverywhere();
          }}
        >
          Sign out
        </Button>
      </div>
    </details>
  );
}

/** Ends the session here; whoever came in by an identity provider goes on to end the one there. */
async function signOutEverywhere(): Promise<void> {
  const provider = await getView("/api/v1/session/sign-out", getSignOut.response).catch(() => ({ url: null }));
  await signOut({ redirect: false });
  window.location.assign(provider.url ?? "/sign-in");
}

function SwitchPerson({
  people,
  present,
}: {
  people: SessionView["demoPeople"];
  present: string;
}) {
  const others = people.filter(({ email }) => email !== present);
  const become = useMutation({
    mutationFn: (email: string) =>
      postAct("/api/v1/session/switch", { email }, { idempotencyKey: newIdempotencyKey() }),
    // Everything on the page was read as somebody else: begin anew where everybody may be.
    onSuccess: () => {
      window.location.assign("/inbox");
    },
  });
  if (others.length === 0) return null;
  return (
    <div className="rail-people" role="group" aria-labelledby="rail-people-head">
      <p id="rail-people-head">Demo: go on as</p>
      {others.map(({ email, name, roleLabels }) => (
        <Button
          key={email}
          small
          variant="quiet"
          closed={become.isPending}
          onClick={() => {
            become.mutate(email);
          }}
        >
          {name}, {roleLabels.join(", ")}
        </Button>
      ))}
      {become.error === null ? null : <p role="alert">{become.error.message}</p>}
    </div>
  );
}
