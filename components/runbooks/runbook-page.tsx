"use client";

import Link from "next/link";
import { RUNBOOK_DUTIES, type RunbookView } from "#lib/contracts/runbook-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";
import { usePost } from "../shell/use-post.ts";
import { Button } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { RunbookText } from "./runbook-text.tsx";

const dutyWords = { primary: "Called first", secondary: "Called second" } as const;

/** One runbook: what to do, who is called, for what, and its versions. */
export function RunbookPage({ view, newest }: { view: RunbookView; newest: number }) {
  const path = `/api/v1/runbooks/${view.name}`;
  const isOld = view.version !== newest;
  return (
    <>
      <Strip crumbs={[{ href: "/incidents", label: "Incidents" }, { href: "/runbooks", label: "Runbooks" }, { label: view.title }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>{view.title}</h1>
          <p className="sub">
            Version {view.version}, {isOld ? `not the newest, which is ${String(newest)}. ` : ""}
            {view.gaps.length === 0 ? "Assigned, acknowledged and linked." : view.gaps.join(" ")}
          </p>
        </div>
        {view.mayAcknowledge && !isOld ? <Acknowledge path={path} version={view.version} /> : null}
      </div>
      <RunbookText text={view.text} />
      <Section id="called" title="Who is called">
        {view.people.length === 0 ? (
          <p className="small">Nobody is assigned yet.</p>
        ) : (
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col">Duty</th>
                <th scope="col">Acknowledged version {newest}</th>
              </tr>
            </thead>
            <tbody>
              {view.people.map((person) => (
                <tr key={person.userId}>
                  <th scope="row">
                    {person.name}
                    <small>{person.email}</small>
                  </th>
                  <td data-label="Duty">{dutyWords[person.duty]}</td>
                  <td className="v-cell">
                    <Status shape={person.isAble && person.acknowledgedAt !== null ? "passed" : "awaiting"}>
                      {!person.isAble ? "Account disabled" : person.acknowledgedAt === null ? "Not yet" : "Yes"}
                    </Status>
                    {person.acknowledgedAt === null ? null : (
                      <small>
                        <Instant at={person.acknowledgedAt} now={view.asOf} seconds={false} />
                      </small>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {view.mayEdit ? (
          <details className="field-more">
            <summary>Assign somebody</summary>
            <RecordForm
              id="assign"
              path={`${path}/people`}
              button="Assign"
              busy="Assigning"
              variant="plain"
              fields={[
                { name: "person", label: "E-mail address", kind: "text" },
                { name: "duty", label: "Duty", kind: "select", initial: "primary", options: RUNBOOK_DUTIES.map((value) => ({ value, label: dutyWords[value] })) },
              ]}
            />
          </details>
        ) : null}
      </Section>
      <PlacesSection view={view} path={path} />
      <VersionsSection view={view} newest={newest} path={path} />
    </>
  );
}

function Acknowledge({ path, version }: { path: string; version: number }) {
  const { send, pending, problem } = usePost();
  return (
    <div className="actionbar-wrap">
      <Button variant="primary" closed={pending} onClick={() => void send(`${path}/acknowledge`, { version })}>
        {pending ? "Recording" : "I have read it and can do it"}
      </Button>
      {problem === null ? null : <p role="alert" className="small">{problem.message}</p>}
    </div>
  );
}

function PlacesSection({ view, path }: { view: RunbookView; path: string }) {
  return (
    <Section id="places" title="Where it applies">
      {view.endpoints.length + view.models.length === 0 ? (
        <p className="small">It is linked to nothing yet.</p>
      ) : (
        <ul>
          {view.endpoints.map((name) => (
            <li key={`e ${name}`}>
              Endpoint{" "}
              <Link href={`/endpoints/${name}`} prefetch={false}>
                {name}
              </Link>
            </li>
          ))}
          {view.models.map((name) => (
            <li key={`m ${name}`}>
              Every endpoint of{" "}
              <Link href={`/models/${name}`} prefetch={false}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {view.mayEdit ? (
        <details className="field-more">
          <summary>Link it to an endpoint or a model</summary>
          <RecordForm
            id="link"
            path={`${path}/links`}
            button="Link"
            busy="Linking"
            variant="plain"
            fields={[
              { name: "endpoint", label: "Endpoint", kind: "text", optional: true },
              { name: "model", label: "or model", kind: "text", optional: true },
            ]}
          />
        </details>
      ) : null}
    </Section>
  );
}

function VersionsSection({ view, newest, path }: { view: RunbookView; newest: number; path: string }) {
  return (
    <Section id="versions" title="Versions">
      <ul>
        {view.versions.map((one) => (
          <li key={one.number}>
            <Link href={one.number === newest ? `/runbooks/${view.name}` : `/runbooks/${view.name}?version=${String(one.number)}`} prefetch={false}>
              Version {one.number}
            </Link>{" "}
            by {one.writtenBy}, <Instant at={one.writtenAt} now={view.asOf} seconds={false} /> <Digest value={one.digest} />
          </li>
        ))}
      </ul>
      {view.mayEdit ? (
        <details className="field-more">
          <summary>Write the next version</summary>
          <p className="small">Whoever is assigned must acknowledge it anew.</p>
          <RecordForm id="write" path={`${path}/versions`} button="Write it" busy="Writing" fields={[{ name: "text", label: "Text, Markdown", kind: "area", rows: 16, initial: view.text }]} />
        </details>
      ) : null}
    </Section>
  );
}
