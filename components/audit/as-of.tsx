"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, useQueryStates } from "nuqs";
import { useState, type ReactNode } from "react";
import { formatUtc } from "#lib/client/format-time.ts";
import { instantOfLocal, localOfInstant } from "#lib/client/local-time.ts";
import { auditAsOfQuery } from "#lib/client/audit-queries.ts";
import { endpointQuery } from "#lib/client/registry-queries.ts";
import type { AuditAsOfView } from "#lib/contracts/audit-api.ts";
import type { EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { armsText } from "#lib/client/registry-words.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";

export type EndpointChoice = { readonly name: string; readonly environmentName: string };

/** What an endpoint served at a moment. Moment and endpoint are in the address. */
export function AsOf({ endpoints, now }: { endpoints: readonly EndpointChoice[]; now: string }) {
  const timeZone = useTimeZone();
  const [asked, setAsked] = useQueryStates({ at: parseAsString, of: parseAsString });
  const [local, setLocal] = useState(() => localOfInstant(asked.at ?? now, timeZone));
  const [endpoint, setEndpoint] = useState(asked.of ?? endpoints[0]?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  if (endpoints.length === 0) return null;

  const ask = (text: string) => {
    const at = instantOfLocal(text, timeZone);
    const isPast = at !== null && at <= new Date(Date.parse(now) + 1000).toISOString();
    setError(at === null ? "Give a date and a time." : isPast ? null : "That is not past yet.");
    if (isPast) void setAsked({ at, of: endpoint });
  };
  return (
    <Section id="as-of" title="As of" caption="from the record of that time, not today’s settings">
      <div className="asof">
        <form
          className="asof-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            ask(local);
          }}
        >
          <Field id="as-at" label={`Moment, ${timeZone}`} error={error}>
            <TextInput
              id="as-at"
              type="datetime-local"
              step={1}
              error={error}
              value={local}
              onChange={(event) => {
                setLocal(event.target.value);
              }}
            />
          </Field>
          <Field id="as-endpoint" label="Endpoint">
            <Select
              id="as-endpoint"
              value={endpoint}
              onChange={(event) => {
                setEndpoint(event.target.value);
              }}
            >
              {endpoints.map(({ name, environmentName }) => (
                <option key={name} value={name}>
                  {name}, {environmentName}
                </option>
              ))}
            </Select>
          </Field>
          <div className="chips">
            <Button type="submit">Show</Button>
            <Button
              variant="quiet"
              onClick={() => {
                const present = localOfInstant(now, timeZone);
                setLocal(present);
                ask(present);
              }}
            >
              Now
            </Button>
          </div>
        </form>
        <div aria-live="polite">
          {asked.at === null || asked.of === null ? (
            <p className="small">
              Choose a moment and an endpoint to see which versions were live, at which weights, by
              which release and since when; by which limits, and who could approve there.
            </p>
          ) : (
            <AsOfAnswer endpoint={asked.of} at={asked.at} now={now} />
          )}
        </div>
      </div>
    </Section>
  );
}

function AsOfAnswer({ endpoint, at, now }: { endpoint: string; at: string; now: string }) {
  const { data, error } = useQuery({ ...endpointQuery(endpoint, at), staleTime: 60_000 });
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (data === undefined || data.then === null) return <p className="small">Reading the record.</p>;
  const { then } = data;
  return (
    <>
      <p className="verdict">
        At{" "}
        <b>
          <Instant at={then.at} now={now} />
        </b>
        , {endpoint} served <Served route={then.route} now={now} />
      </p>
      <p className="caption">
        {formatUtc(then.at)}. <Link href={`/endpoints/${encodeURIComponent(endpoint)}?at=${then.at}`}>The endpoint then</Link>
      </p>
      <ul className="asof-list">
        {then.deployments.map((row) => (
          <li key={row.deploymentId}>
            <b>{row.versionName}</b> <Digest value={row.digest} /> was here since{" "}
            <Instant at={row.startedAt} now={now} />, put by {row.startedBy}
            {row.endedAt === null ? (
              ", and still is."
            ) : (
              <>
                , until <Instant at={row.endedAt} now={now} />.
              </>
            )}
          </li>
        ))}
      </ul>
      <LimitsThen endpoint={endpoint} at={then.at} now={now} />
    </>
  );
}

/** Who could approve there at that moment, and by which limits it was released and served. */
function LimitsThen({ endpoint, at, now }: { endpoint: string; at: string; now: string }) {
  const { data, error } = useQuery(auditAsOfQuery(endpoint, at));
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <p className="small">Reading limits and approvers.</p>;
  const { policy, serving, release } = data;
  return (
    <>
      <Approvers view={data} />
      <div className="asof-limits">
        <Limits
          title={release === null ? "No release was under way" : `Limits of release ${String(release.number)}, ${release.candidateVersionName}`}
          lines={release?.limits ?? null}
          note={release !== null && release.limits === null ? "The plan of that time is too large to stand in the trail; its hash does." : null}
        />
        <Limits
          title={policy === null ? "There was no policy yet" : `Policy of ${data.environmentName}`}
          lines={policy?.lines ?? null}
          note={policy === null ? null : <>since <Instant at={policy.since} now={now} seconds={false} />, by {policy.by}</>}
        />
        <Limits
          title={serving.number === 0 ? "Served by the defaults" : `Runtime configuration ${String(serving.number)}`}
          lines={serving.lines}
          note={serving.since === null ? "nobody had changed them" : <>since <Instant at={serving.since} now={now} seconds={false} /></>}
        />
      </div>
    </>
  );
}

function Approvers({ view: { approval, environmentName } }: { view: AuditAsOfView }) {
  if (approval === null) return <p className="small">The environment did not exist yet, so nobody could approve there.</p>;
  const { basis, needed, roles, rolesNeeded, people } = approval;
  return (
    <>
      <p className="asof-approvers">
        <b>Who could approve.</b>{" "}
        {basis === "release" ? "The release under way" : `A release into ${environmentName}`} needed {needed === 0 ? "no approval" : `${String(needed)} ${needed === 1 ? "approval" : "approvals"}`}
        {needed === 0 || roles.length === 0 ? "" : ` by ${roles.join(" or ")}`}
        {rolesNeeded.length === 0 ? "" : `, ${rolesNeeded.join(" and ")} among them`}.
      </p>
      {people.length === 0 ? (
        <p className="small">Nobody held such a role at that moment.</p>
      ) : (
        <ul className="asof-list">
          {people.map((person) => (
            <li key={person.name}>
              <b>{person.name}</b>, {person.roles.map(({ role, inPlaceOf }) => (inPlaceOf === null ? role : `${role} in the place of ${inPlaceOf}`)).join(", ")}
              {person.isIndependent ? "" : "; made the version or the release, so it would not have counted"}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Limits({ title, lines, note }: { title: string; lines: AuditAsOfView["serving"]["lines"] | null; note: ReactNode }) {
  return (
    <details className="field-more">
      <summary>
        {title}
        {note === null ? null : <small>{note}</small>}
      </summary>
      {lines === null ? null : (
        <dl className="facts">
          {lines.map(({ label, text }, index) => (
            <div key={`${label} ${String(index)}`}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}

function Served({
  route,
  now,
}: {
  route: NonNullable<EndpointView["then"]>["route"];
  now: string;
}) {
  if (route === null) return <b>nothing: it had no route yet.</b>;
  return (
    <>
      <b>{armsText(route.arms)}</b>,{" "}
      {route.releaseNumber === null ? (
        `by ${route.by}`
      ) : (
        <>
          by{" "}
          <Link href={`/releases/${String(route.releaseNumber)}`} prefetch={false}>
            release {route.releaseNumber}
          </Link>
        </>
      )}
      , since <Instant at={route.at} now={now} />.
    </>
  );
}
