"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import { runtimeConfigurationQuery } from "#lib/client/runtime-configuration-queries.ts";
import type { ConfigurationChangeView, RuntimeConfigurationView } from "#lib/contracts/views/runtime-configuration-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { RuntimeConfigurationForm } from "./runtime-configuration-form.tsx";

/** How an endpoint is served: what is in force and who set it, what it was before, and the form that changes it. */
export function RuntimeConfigurationPage({ initial }: { initial: RuntimeConfigurationView }) {
  const { data: view } = useQuery({ ...runtimeConfigurationQuery(initial.endpointName), initialData: initial });
  const now = useServerNow(view.asOf);
  const base = `/endpoints/${encodeURIComponent(view.endpointName)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: base, label: view.endpointName }, { label: "Runtime configuration" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Runtime configuration of {view.endpointName}</h1>
          <p className="sub">{headline(view)}</p>
        </div>
      </div>
      <Section id="in-force" title="In force" caption={<Provenance view={view} now={now} />}>
        <LineTable view={view} />
      </Section>
      <Section id="edit" title="Change it" caption="runtimes take limits up at once; hosts, batching and libraries with versions loaded anew beside the old">
        {view.mayEdit.open ? (
          <>
            <VoidNote view={view} />
            <RuntimeConfigurationForm key={view.number} view={view} />
          </>
        ) : (
          <p className="small">{view.mayEdit.closedBecause}</p>
        )}
      </Section>
      <Section id="history" title="History" caption="each change against the one before it, newest first">
        {view.history.length === 0 ? (
          <p className="small">Nobody has changed it: the defaults have been in force since the endpoint was made.</p>
        ) : (
          <HistoryTable rows={view.history} now={now} />
        )}
      </Section>
    </>
  );
}

function headline({ environmentName, lines }: RuntimeConfigurationView): string {
  const own = lines.filter(({ isDefault }) => !isDefault).length;
  return own === 0 ? `Served in ${environmentName} by the defaults throughout.` : `Served in ${environmentName} with ${formatCount(own, "value")} other than the default, of ${String(lines.length)}.`;
}

function Provenance({ view, now }: { view: RuntimeConfigurationView; now: string }) {
  const [newest] = view.history;
  return (
    <>
      {newest === undefined ? "the defaults" : <>by {newest.by}, <Instant at={newest.at} now={now} /></>}; a release is bound to <Digest value={view.digest} />
    </>
  );
}

function VoidNote({ view: { voids } }: { view: RuntimeConfigurationView }) {
  if (voids === null) return null;
  return (
    <p className="small">
      A change gives{" "}
      <Link href={`/releases/${String(voids.releaseNumber)}`} prefetch={false}>
        release {voids.releaseNumber}
      </Link>{" "}
      another digest{voids.approvals === 0 ? "; nobody has signed it yet." : ` and voids ${formatCount(voids.approvals, "approval")} of it.`}
    </p>
  );
}

function LineTable({ view }: { view: RuntimeConfigurationView }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Value</th>
            <th scope="col">Set by</th>
          </tr>
        </thead>
        <tbody>
          {view.lines.map(({ label, value, isDefault }) => (
            <tr key={label}>
              <th scope="row" className="first-th">{label}</th>
              <td data-label="Value">{isDefault ? value : <b>{value}</b>}</td>
              <td data-label="Set by">{isDefault ? <span className="muted">default</span> : "this endpoint"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HistoryTable({ rows, now }: { rows: readonly ConfigurationChangeView[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Changed</th>
            <th scope="col">By</th>
            <th scope="col">Why</th>
            <th scope="col">Digest</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.number}>
              <th scope="row" className="first-th">
                {row.number}
                <small><Instant at={row.at} now={now} /></small>
              </th>
              <td data-label="Changed" className="wide">
                <ul className="role-list word-diff">
                  {row.differences.map(({ label, before, after }) => (
                    <li key={label}>
                      {label}: <del>{before}</del> <ins>{after}</ins>
                    </li>
                  ))}
                </ul>
              </td>
              <td data-label="By">{row.by}</td>
              <td data-label="Why">{row.reason}</td>
              <td data-label="Digest"><Digest value={row.digest} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
