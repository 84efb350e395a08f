import Link from "next/link";
import { advanceLabel, sayFleet } from "#lib/client/device-words.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import { ReasonAct } from "../shell/reason-act.tsx";
import { Section } from "../ui/section.tsx";
import { AddDevice } from "./add-device.tsx";
import { DeviceTable } from "./device-table.tsx";
import { StartUpdateForm } from "./start-update-form.tsx";
import { RingTable, UpdateTable } from "./update-tables.tsx";

/** The devices of one endpoint: a sentence, the newest order with its rings, the devices, and how another one joins. */
export function FleetSection({ fleet, controlUrl, now }: { fleet: DeviceFleet; controlUrl: string; now: string }) {
  const [newest] = fleet.updates;
  return (
    <Section
      id={`fleet-${fleet.endpoint}`}
      title={
        <Link href={`/endpoints/${encodeURIComponent(fleet.endpoint)}`} prefetch={false}>
          {fleet.endpoint}
        </Link>
      }
      caption={`${fleet.model} in ${fleet.environment}; every device should run ${fleet.version ?? "nothing yet"}`}
    >
      <div className="fleet">
        <p className="verdict">{sayFleet(fleet)}</p>
        <FleetActs fleet={fleet} />
        {newest === undefined || newest.state === "complete" ? null : <RingTable fleet={fleet} update={newest} />}
        {fleet.devices.length === 0 ? null : <DeviceTable fleet={fleet} now={now} />}
        {fleet.total + fleet.revoked > fleet.devices.length ? (
          <p className="caption">
            {formatNumber(fleet.devices.length)} of {formatNumber(fleet.total + fleet.revoked)} are shown, those with a problem first. All are in{" "}
            <code>slipway device list {fleet.endpoint}</code>.
          </p>
        ) : null}
        <AddDevice fleet={fleet} controlUrl={controlUrl} />
        {fleet.mayStart.open && fleet.candidates.length > 0 ? <StartUpdateForm fleet={fleet} /> : null}
        <UpdateTable fleet={fleet} now={now} />
      </div>
    </Section>
  );
}

/** Wider, on hold, back: what can be done with the newest order. */
function FleetActs({ fleet }: { fleet: DeviceFleet }) {
  const { endpoint, mayAdvance, mayHold, mayRollBack, versionBefore } = fleet;
  const [newest] = fleet.updates;
  if (newest === undefined) return null;
  const underWay = newest.state !== "complete";
  if (!underWay && versionBefore === null) return null;
  const path = `/api/v1/edge/updates/${encodeURIComponent(endpoint)}/${String(newest.number)}`;
  const shared = { topics: ["endpoint"], about: `on the devices of ${endpoint}` } as const;
  const label = advanceLabel(newest);
  return (
    <>
      <div className="chips">
        {underWay ? (
          <ReasonAct {...shared} variant="primary" label={label} title={`${label}: update ${String(newest.number)} of ${endpoint}`} path={`${path}/advance`} closedBecause={mayAdvance.closedBecause}>
            {newest.state === "held"
              ? "It is offered again to the devices of the rings that it had reached."
              : `More devices are offered ${newest.version}. It holds by itself when too many of them would not take it; after the last ring it becomes the endpoint's version.`}
          </ReasonAct>
        ) : null}
        {newest.state === "rolling" ? (
          <ReasonAct {...shared} label="Hold" title={`Hold update ${String(newest.number)} of ${endpoint}`} path={`${path}/hold`} closedBecause={mayHold.closedBecause}>
            {newest.version} is offered to no further device. Those that have it keep it until they are rolled back.
          </ReasonAct>
        ) : null}
        {versionBefore === null ? null : (
          <ReasonAct {...shared} variant="danger" label={`Back to ${versionBefore}`} title={`Back to ${versionBefore} on every device of ${endpoint}`} path="/api/v1/edge/rollback" body={{ endpoint }} closedBecause={mayRollBack.closedBecause}>
            Every device is told at its next contact to run {versionBefore}, whichever ring it is in. It takes nobody else&rsquo;s approval. A device that is out of reach
            follows when it comes back.
          </ReasonAct>
        )}
      </div>
      {underWay && !mayAdvance.open ? <p className="caption closed-note">{mayAdvance.closedBecause}</p> : null}
    </>
  );
}
