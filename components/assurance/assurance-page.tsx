"use client";

import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import type {
  AssurancePlace,
  AssuranceVersion,
  AssuranceView,
} from "#lib/contracts/views/assurance-view.ts";
import { Strip } from "../shell/strip.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

const stateWords = { open: "Missing", failed: "Failed", stale: "Expired" } as const;
const stateShapes = { open: "draft", failed: "failed", stale: "holding" } as const;

/** What is still asked of each model, environment by environment, derived from the evidence there is now. */
export function AssurancePage({ view }: { view: AssuranceView }) {
  const open = view.models.filter(({ versions }) =>
    versions.some(({ places }) => places.some((place) => place.open.length > 0)),
  ).length;
  return (
    <>
      <Strip crumbs={[{ label: "Assurance" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Assurance</h1>
          <p className="sub">
            {formatCount(open, "model")} of {view.models.length} with something open. What an
            environment asks is compared with the evidence there is now; nobody ticks a box.
          </p>
        </div>
      </div>
      {view.models.length === 0 ? (
        <EmptyState title="No model is registered yet">
          You will see each model here with what is still missing before it may go live.
        </EmptyState>
      ) : null}
      {view.models.map(({ name, riskTier, intendedUse, demo, versions }) => (
        <Section
          key={name}
          id={`model-${name}`}
          title={
            <>
              <Link href={`/models/${encodeURIComponent(name)}`} prefetch={false}>
                {name}
              </Link>{" "}
              {demo ? <Tag>Demo</Tag> : null}
            </>
          }
          caption={`risk ${riskTier}`}
        >
          <p className="small">{intendedUse}</p>
          {versions.length === 0 ? (
            <p className="small">No version is registered.</p>
          ) : (
            <VersionTable model={name} versions={versions} />
          )}
        </Section>
      ))}
    </>
  );
}

function VersionTable({ model, versions }: { model: string; versions: readonly AssuranceVersion[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Environment</th>
            <th scope="col">State</th>
            <th scope="col">What is open</th>
          </tr>
        </thead>
        <tbody>
          {versions.flatMap((version) =>
            version.places.map((place) => (
              <PlaceRow
                key={`${version.versionName} ${place.environmentName}`}
                model={model}
                version={version}
                place={place}
              />
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function PlaceRow({
  model,
  version,
  place,
}: {
  model: string;
  version: AssuranceVersion;
  place: AssurancePlace;
}) {
  const isLive = version.liveIn.includes(place.environmentName);
  const path = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version.versionName)}`;
  return (
    <tr>
      <th scope="row" className="first-th">
        <Link href={path} prefetch={false}>
          {version.versionName}
        </Link>
        <small>{version.isNewest ? "newest" : "older"}</small>
      </th>
      <td data-label="Environment">
        {place.environmentName}
        {isLive ? <small>live here</small> : null}
      </td>
      <td className="v-cell">
        {version.quarantined ? (
          <Status shape="failed">Quarantined</Status>
        ) : place.open.length === 0 ? (
          <Status shape="passed">Nothing open</Status>
        ) : (
          <Status shape="awaiting">{place.open.length} open</Status>
        )}
        <small>
          {place.met} of {place.asked} met{place.waived === 0 ? "" : `, ${String(place.waived)} waived`}
        </small>
      </td>
      <td data-label="Open">
        {place.open.length === 0 ? (
          <span className="muted">None</span>
        ) : (
          <ul>
            {place.open.map(({ kind, title, state, note }) => (
              <li key={kind}>
                <Status shape={stateShapes[state]}>{stateWords[state]}</Status> <b>{title}</b>
                <small>{note}</small>
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}
