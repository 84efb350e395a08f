"use client";

import { useState } from "react";
import { createDeviceCode } from "#lib/contracts/api/edge-operations.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import { enrolmentCommand } from "#lib/domain/edge/enrolment-command.ts";
import { SecretOnce } from "../ui/secret-once.tsx";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { usePost } from "../shell/use-post.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** How another device joins: a code that is shown once, in the command that it is good for. */
export function AddDevice({ fleet, controlUrl }: { fleet: DeviceFleet; controlUrl: string }) {
  const [command, setCommand] = useState<string | null>(null);
  const { send, pending, problem } = usePost();
  const { endpoint, mayAddDevice } = fleet;
  const total = fleet.total + fleet.revoked;
  const name = `${endpoint}-${String(total + 1)}`;
  const make = async (): Promise<void> => {
    const answer = createDeviceCode.response.safeParse(await send("/api/v1/edge/codes", { endpoint }));
    if (answer.success) setCommand(enrolmentCommand({ controlUrl, name, code: answer.data.code }));
  };
  const button = (
    <Button
      closed={!mayAddDevice.open || pending}
      {...(total === 0 ? { variant: "primary" as const } : {})}
      aria-describedby={mayAddDevice.open ? undefined : `${endpoint}-why-no-code`}
      onClick={() => void make()}
    >
      New code<span className="vh"> for a device of {endpoint}</span>
    </Button>
  );
  return (
    <>
      <ApiProblemSummary problem={problem} fieldFor={() => null} />
      {command !== null ? (
        <SecretOnce title={`Start a device of ${endpoint}`} secret={command} say="The code lets one device join, within the hour. Choose another name if this one is taken." />
      ) : total === 0 ? (
        <EmptyState heading="h3" title="No device has joined" command={enrolmentCommand({ controlUrl, name, code: "CODE" })} action={button}>
          A code lets one device join, once. The device makes a key of its own, gets the endpoint&rsquo;s version and serves it whether or not it reaches this control
          plane.
        </EmptyState>
      ) : null}
      {total === 0 && command === null ? null : <div className="chips">{button}</div>}
      {mayAddDevice.open ? null : (
        <p className="caption closed-note" id={`${endpoint}-why-no-code`}>
          {mayAddDevice.closedBecause}
        </p>
      )}
    </>
  );
}
