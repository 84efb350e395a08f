"use client";

import Link from "next/link";
import type { RunbookListView } from "#lib/contracts/runbook-api.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Status } from "../ui/status.tsx";

/** Every runbook: who is called, where it applies, and what it lacks. */
export function RunbookListPage({ view }: { view: RunbookListView }) {
  const ready = view.rows.filter(({ gaps }) => gaps.length === 0).length;
  return (
    <>
      <Strip crumbs={[{ href: "/incidents", label: "Incidents" }, { label: "Runbooks" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Runbooks</h1>
          <p className="sub">
            {ready} of {view.rows.length} assigned, acknowledged and linked. A runbook says what to do when an alarm rings, and who is called.
          </p>
        </div>
        {view.mayEdit ? (
          <ButtonLink href="/runbooks/new" variant="primary">
            Write a runbook
          </ButtonLink>
        ) : null}
      </div>
      {view.rows.length === 0 ? (
        <EmptyState
          title="No runbook is written yet"
          action={view.mayEdit ? <ButtonLink href="/runbooks/new">Write a runbook</ButtonLink> : undefined}
          command="slipway runbook write NAME --title TEXT --file runbook.md"
        >
          You will see each runbook here with the people who are called and what it still lacks.
        </EmptyState>
      ) : (
        <div className="table-wrap">
          <table className="table is-cards">
            <thead>
              <tr>
                <th scope="col">Runbook</th>
                <th scope="col">State</th>
                <th scope="col">Called</th>
                <th scope="col">For</th>
                <th scope="col">Written</th>
              </tr>
            </thead>
            <tbody>
              {view.rows.map((row) => (
                <tr key={row.name}>
                  <th scope="row" className="wide">
                    <Link href={`/runbooks/${row.name}`} prefetch={false}>
                      {row.title}
                    </Link>
                    <small>
                      {row.name}, version {row.version}
                    </small>
                  </th>
                  <td className="v-cell">
                    <Status shape={row.gaps.length === 0 ? "passed" : "awaiting"}>{row.gaps.length === 0 ? "Ready" : "Not ready"}</Status>
                    {row.gaps.map((gap) => (
                      <small key={gap}>{gap}</small>
                    ))}
                  </td>
                  <td data-label="Called">{row.people.length === 0 ? <span className="muted">Nobody</span> : row.people.map(({ name }) => name).join(", ")}</td>
                  <td data-label="For">{[...row.endpoints, ...row.models].join(", ") || <span className="muted">Nothing yet</span>}</td>
                  <td data-label="Written" className="nowrap">
                    <Instant at={row.writtenAt} now={view.asOf} seconds={false} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
