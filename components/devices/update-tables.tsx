import { ringStatus, updateStatus } from "#lib/client/device-words.ts";
import { formatNumber, formatWeight } from "#lib/client/format-number.ts";
import type { DeviceUpdateView } from "#lib/contracts/edge.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import { LAST_RING } from "#lib/domain/edge/rings.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** How far an update has come: each ring with its share of the devices. */
export function RingTable({ fleet, update }: { fleet: DeviceFleet; update: DeviceUpdateView }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          Rings of update {update.number} to {update.version}: {formatNumber(update.installed)} took it, {formatNumber(update.failed)} would not.
        </caption>
        <thead>
          <tr>
            <th scope="col">Ring</th>
            <th scope="col">State</th>
            <th scope="col" className="n">Reaches</th>
            <th scope="col" className="n">Devices in it</th>
            <th scope="col" className="n">Follow it</th>
          </tr>
        </thead>
        <tbody>
          {fleet.rings.map(({ ring, shareBp, devices, following }) => {
            const { word, shape } = ringStatus(ring, update);
            return (
              <tr key={ring}>
                <th scope="row" className="first-th">
                  Ring {ring} of {LAST_RING}
                </th>
                <td className="v-cell">
                  <Status shape={shape}>{word}</Status>
                </td>
                <td className="n" data-label="Reaches">{formatWeight(shareBp)}</td>
                <td className="n" data-label="Devices in it">{formatNumber(devices)}</td>
                <td className="n" data-label="Follow it">{formatNumber(following)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Every order to these devices, newest first. */
export function UpdateTable({ fleet, now }: { fleet: DeviceFleet; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>Orders to the devices of {fleet.endpoint}, newest first. &ldquo;Took it&rdquo; counts devices whose last tried order it was.</caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">State</th>
            <th scope="col">Version</th>
            <th scope="col" className="n">Reaches</th>
            <th scope="col" className="n">Took it</th>
            <th scope="col" className="n">Would not</th>
            <th scope="col">Given</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {fleet.updates.map((update) => {
            const { word, shape } = updateStatus(update);
            return (
              <tr key={update.number}>
                <th scope="row" className="first-th">
                  {update.number}
                  {update.hardware.length === 0 ? null : <small>for {update.hardware.join(", ")}</small>}
                </th>
                <td className="v-cell">
                  <Status shape={shape}>{word}</Status>
                </td>
                <td data-label="Version">{update.version}</td>
                <td className="n" data-label="Reaches">{formatWeight(update.shareBp)}</td>
                <td className="n" data-label="Took it">{formatNumber(update.installed)}</td>
                <td className="n" data-label="Would not">{formatNumber(update.failed)}</td>
                <td className="nowrap" data-label="Given">
                  <Instant at={update.createdAt} now={now} seconds={false} />
                </td>
                <td data-label="By">
                  {update.author}
                  <small>{update.reason}</small>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
