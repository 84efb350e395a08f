"use client";

import Link from "next/link";
import { useState } from "react";
import { alertWord, classWords } from "#lib/client/monitoring-words.ts";
import type { AlertRow } from "#lib/contracts/views/monitoring-view.ts";
import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Status } from "../ui/status.tsx";
import { NoteDialog } from "./note-dialog.tsx";
import { useMonitoringAct } from "./use-monitoring-act.ts";

type Props = {
  readonly alerts: readonly AlertRow[];
  readonly mayAcknowledge: OpenAct;
  readonly now: string;
  /** On a list over all endpoints. */
  readonly withEndpoint?: boolean;
};

/** Alerts, newest first: all features of one rule are one alert. */
export function AlertTable({ alerts, mayAcknowledge, now, withEndpoint = false }: Props) {
  const [chosen, setChosen] = useState<AlertRow | null>(null);
  const act = useMonitoringAct();
  return (
    <>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <caption>
            Two windows out of three past the limit fire; three quiet ones in a row resolve. The same rule that fires again within six hours is the same alert, told once.
          </caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Alert</th>
              {withEndpoint ? <th scope="col">Endpoint</th> : null}
              <th scope="col">What was seen</th>
              <th scope="col">Since</th>
              <th scope="col">Next</th>
            </tr>
          </thead>
          <tbody>
            {alerts.map((alert) => (
              <Row key={alert.number} alert={alert} mayAcknowledge={mayAcknowledge} now={now} withEndpoint={withEndpoint} onAcknowledge={setChosen} />
            ))}
          </tbody>
        </table>
      </div>
      {mayAcknowledge.open ? null : <p className="caption">Acknowledging: {mayAcknowledge.closedBecause}</p>}
      <NoteDialog
        open={chosen !== null}
        onClose={() => { setChosen(null); }}
        act={act}
        title={`Acknowledge alert ${String(chosen?.number ?? "")}`}
        submitLabel="Acknowledge"
        label="What happens next"
        pointer="/note"
        send={(note) => act.send(`/api/v1/alerts/${String(chosen?.number ?? 0)}/acknowledge`, { note })}
      >
        <p>It goes on firing until the signal is quiet; colleagues see that it is being looked at.</p>
      </NoteDialog>
    </>
  );
}

function Row({ alert, mayAcknowledge, now, withEndpoint, onAcknowledge }: Omit<Props, "alerts"> & { readonly alert: AlertRow; readonly onAcknowledge: (alert: AlertRow) => void }) {
  const { shape, word } = alertWord(alert);
  const isOpen = alert.resolvedAt === null;
  return (
    <tr>
      <td className="v-cell"><Status shape={shape}>{word}</Status></td>
      <th scope="row" className="first-th">
        {alert.title}
        <small>Alert {alert.number}, {classWords[alert.signalClass].toLowerCase()}, {alert.severity}</small>
      </th>
      {withEndpoint ? (
        <td data-label="Endpoint">
          <Link href={`/endpoints/${encodeURIComponent(alert.endpointName)}/monitoring`} prefetch={false}>{alert.endpointName}</Link>
          <small>{alert.modelName} {alert.versionName}</small>
        </td>
      ) : null}
      <td data-label="What was seen">
        {alert.sentence}
        {withEndpoint ? null : <small>{alert.versionName}</small>}
      </td>
      <td data-label="Since" className="nowrap">
        <Instant at={alert.firedAt} now={now} />
        {alert.resolvedAt === null ? (alert.refiredAt === null ? null : <small>again <Instant at={alert.refiredAt} now={now} /></small>) : <small>to <Instant at={alert.resolvedAt} now={now} /></small>}
      </td>
      <td data-label="Next">
        {alert.incidentNumber === null ? null : <p><Link href={`/incidents/${String(alert.incidentNumber)}`} prefetch={false}>Incident {alert.incidentNumber}</Link></p>}
        {alert.acknowledgedBy === null ? (
          isOpen && mayAcknowledge.open ? <Button small onClick={() => { onAcknowledge(alert); }}>Acknowledge<span className="vh"> alert {alert.number}</span></Button> : isOpen ? "Not acknowledged" : "Nothing"
        ) : (
          <>
            {alert.acknowledgement}
            <small>{alert.acknowledgedBy}{alert.acknowledgedAt === null ? null : <>, <Instant at={alert.acknowledgedAt} now={now} /></>}</small>
          </>
        )}
      </td>
    </tr>
  );
}
