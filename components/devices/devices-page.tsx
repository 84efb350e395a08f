"use client";

import { useQuery } from "@tanstack/react-query";
import { deviceFleetsQuery } from "#lib/client/device-queries.ts";
import { sayFleets } from "#lib/client/device-words.ts";
import type { DeviceFleetsView } from "#lib/contracts/views/devices-view.ts";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ServingNav } from "../shell/serving-nav.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FleetSection } from "./fleet-section.tsx";

/** Endpoints that are served on devices: what each fleet runs, what it was told, and who has gone quiet. */
export function DevicesPage({
  initial,
  controlUrl,
}: {
  initial: DeviceFleetsView;
  controlUrl: string;
}) {
  const { data: view, error } = useQuery({ ...deviceFleetsQuery(), initialData: initial });
  const now = useServerNow(view.asOf);
  return (
    <>
      <Strip
        crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "Devices" }]}
        asOf={view.asOf}
      />
      <StaleBanner asOf={view.asOf} />
      <ListHead title="Devices" sub={sayFleets(view.fleets)} />
      <ServingNav />
      <RowsProblem error={error} />
      {view.fleets.length === 0 ? (
        <EmptyState
          title="No endpoint is served on devices"
          command="slipway device code ENDPOINT"
          action={
            <ButtonLink href="/endpoints/new" variant="primary">
              New endpoint
            </ButtonLink>
          }
        >
          Make an endpoint and choose &ldquo;On devices&rdquo;. Each device then joins with a
          one-time code, and you will see here what it runs, when it was last heard of and why it
          refused a version.
        </EmptyState>
      ) : (
        view.fleets.map((fleet) => (
          <FleetSection key={fleet.endpoint} fleet={fleet} controlUrl={controlUrl} now={now} />
        ))
      )}
    </>
  );
}
