"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatInstant } from "#lib/client/format-time.ts";
import { drillsQuery, newReleaseQuery } from "#lib/client/view-queries.ts";
import type { DrillListView } from "#lib/contracts/views/drill-list-view.ts";
import type { EndpointChoice, NewReleaseView } from "#lib/contracts/views/new-release-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { DrillForm } from "./drill-form.tsx";
import { DrillTable, seconds } from "./drill-table.tsx";

export type DrillsPageProps = {
  readonly endpoint: EndpointChoice;
  readonly initial: DrillListView;
  readonly initialRelease: NewReleaseView;
};

/** Whether the way back of one endpoint was shown to work: the proof that counts now, a new drill, and all earlier ones. */
export function DrillsPage({ endpoint, initial, initialRelease }: DrillsPageProps) {
  const { data } = useQuery({ ...drillsQuery(endpoint.name), initialData: initial });
  const { data: release } = useQuery({
    ...newReleaseQuery(endpoint.name),
    initialData: initialRelease,
  });
  const now = useServerNow(data.asOf);
  const timeZone = useTimeZone();
  const place = release.endpoints.find(({ name }) => name === endpoint.name) ?? endpoint;
  return (
    <>
      <Strip
        crumbs={[
          { href: "/endpoints", label: "Endpoints" },
          { href: `/endpoints/${encodeURIComponent(endpoint.name)}`, label: endpoint.name },
          { label: "Rollback drills" },
        ]}
        asOf={data.asOf}
      />
      <StaleBanner asOf={data.asOf} />
      <div className="page-head">
        <div>
          <h1>Rollback drills of {endpoint.name}</h1>
          <p className="sub">{standing(data, now, (at) => formatInstant(at, timeZone, now, false))}</p>
        </div>
      </div>
      <Section id="run" title="Run a drill">
        <DrillChoice endpoint={place} drills={data} release={release} />
      </Section>
      <Section
        id="history"
        title="History"
        caption={data.rows.length === 0 ? undefined : "newest first; times from the fault to the last answer of the candidate"}
      >
        {data.rows.length === 0 ? (
          <EmptyState
            title="No drill was run here"
            heading="h3"
            command={`slipway release drill --endpoint ${endpoint.name} --version VERSION --fault errors`}
          >
            A way back that was never used is a hope. A drill puts a fault into a candidate on
            purpose, sends it half of the traffic, and measures how long it takes until the fault is
            found and the previous version answers everything again. Passed, it is evidence for the
            checklist until it expires.
          </EmptyState>
        ) : (
          <DrillTable rows={data.rows} now={now} />
        )}
      </Section>
    </>
  );
}

/** The page's answer in a sentence. */
function standing({ rows }: DrillListView, now: string, say: (at: string) => string): string {
  if (rows.some(({ passed }) => passed === null)) return "A drill is running; this page follows it.";
  const [last] = rows;
  if (last === undefined) return "The way back was not yet shown to work here.";
  const { detectedMs, restoredMs, evidenceExpiresAt } = last;
  if (last.passed !== true) return "The last drill failed: the fault was not found and taken back in time.";
  const took = seconds((detectedMs ?? 0) + (restoredMs ?? 0));
  if (evidenceExpiresAt === null) return `The last drill passed: the previous version was back after ${took}.`;
  return evidenceExpiresAt < now
    ? `The last drill passed (${took}), but its evidence expired ${say(evidenceExpiresAt)}: run another.`
    : `The last drill passed: the previous version was back after ${took}. It counts as evidence until ${say(evidenceExpiresAt)}.`;
}

type DrillChoiceProps = { endpoint: EndpointChoice; drills: DrillListView; release: NewReleaseView };

/** The form, or in a sentence why there is none. */
function DrillChoice({ endpoint, drills, release }: DrillChoiceProps) {
  if (!drills.endpoints.some(({ name }) => name === endpoint.name)) {
    return (
      <p className="small">
        {endpoint.stableVersionName === null
          ? "Nothing is live here: there is no version to go back to."
          : `Faults are not put in on purpose in ${endpoint.environmentName}. Run the drill on an endpoint of an environment whose policy allows it, such as staging.`}
      </p>
    );
  }
  if (endpoint.openReleaseNumber !== null) {
    return (
      <p className="small">
        <Link href={`/releases/${String(endpoint.openReleaseNumber)}`} prefetch={false}>
          Release {endpoint.openReleaseNumber}
        </Link>{" "}
        is not over here. A drill can begin when it is.
      </p>
    );
  }
  const candidates = release.chosen?.candidates ?? [];
  const ready = candidates.filter(({ blockers }) => blockers.length === 0);
  if (ready.length === 0) {
    return (
      <p className="small">
        {candidates.length === 0
          ? `${endpoint.modelName} has no other version than the one that is live; a drill needs a candidate.`
          : "No other version may be released here yet; the form for a new release says what each lacks."}
      </p>
    );
  }
  return (
    <DrillForm
      endpoint={endpoint}
      candidates={ready}
      closedBecause={drills.mayDrill.open ? null : drills.mayDrill.closedBecause}
    />
  );
}
