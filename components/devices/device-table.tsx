import { slotStatus } from "#lib/client/device-words.ts";
import { formatCount } from "#lib/client/format-number.ts";
import type { DeviceFleet, DeviceRow } from "#lib/contracts/views/devices-view.ts";
import { ReasonAct } from "../shell/reason-act.tsx";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** What each device said of itself last. */
export function DeviceTable({ fleet, now }: { fleet: DeviceFleet; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>Devices of {fleet.endpoint}. A device asks once a minute and is called silent after 15 minutes.</caption>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">State</th>
            <th scope="col">Runs</th>
            <th scope="col">Ring</th>
            <th scope="col">Last contact</th>
            <th scope="col">Counts handed in</th>
            <th scope="col">Problem</th>
            <th scope="col">
              <span className="vh">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {fleet.devices.map((device) => (
            <Device key={device.id} device={device} fleet={fleet} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Device({ device, fleet: { endpoint, mayRevoke }, now }: { device: DeviceRow; fleet: DeviceFleet; now: string }) {
  const { word, shape } = slotStatus(device);
  return (
    <tr>
      <th scope="row" className="first-th">
        {device.name}
        <small>{device.hardware}</small>
      </th>
      <td className="v-cell">
        <Status shape={shape}>{word}</Status>
      </td>
      <td data-label="Runs">
        {device.version ?? <span className="muted">nothing yet</span>}
        {device.manifestNumber === null ? null : <small>by order {device.manifestNumber}</small>}
      </td>
      <td data-label="Ring">{device.ring}</td>
      <td data-label="Last contact" className="nowrap">
        {device.contactAt === null ? <span className="muted">never</span> : <Instant at={device.contactAt} now={now} seconds={false} />}
      </td>
      <td data-label="Counts handed in">
        {device.countsAt === null ? <span className="muted">none yet</span> : <Instant at={device.countsAt} now={now} seconds={false} />}
        {device.uncounted === 0 ? null : <small>{formatCount(device.uncounted, "prediction")} lost</small>}
      </td>
      <td data-label="Problem">{device.problem ?? <span className="muted">none</span>}</td>
      <td>
        {device.revokedAt === null ? (
          <ReasonAct
            small
            variant="danger"
            label="Revoke"
            about={`${device.name} of ${endpoint}`}
            title={`Revoke ${device.name} of ${endpoint}`}
            topics={["endpoint"]}
            path={`/api/v1/edge/devices/${encodeURIComponent(endpoint)}/${encodeURIComponent(device.name)}/revoke`}
            closedBecause={mayRevoke.closedBecause}
          >
            Its calls are refused from now on, and this cannot be taken back. It goes on serving {device.version ?? "what it has"}, gets no other version, and what it counts is
            not taken. To join again it needs a new code.
          </ReasonAct>
        ) : (
          <span className="small">
            <Instant at={device.revokedAt} now={now} seconds={false} /> by {device.revokedBy}
          </span>
        )}
      </td>
    </tr>
  );
}
