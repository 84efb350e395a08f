"use client";

import { useQuery } from "@tanstack/react-query";
import { loadTestsQuery } from "#lib/client/load-test-queries.ts";
import type { LoadTestListView } from "#lib/contracts/views/load-test-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { LimitsList } from "./limits-list.tsx";
import { LoadTestForm } from "./load-test-form.tsx";
import { LoadTestTable } from "./load-test-table.tsx";
import { StageTable } from "./stage-table.tsx";

/** What one endpoint of a staging environment carries: the newest test, another one, and all earlier ones. */
export function LoadTestsPage({ initial }: { readonly initial: LoadTestListView }) {
  const { data } = useQuery({ ...loadTestsQuery(initial.endpointName), initialData: initial });
  const now = useServerNow(data.asOf);
  const { endpointName: name, rows } = data;
  const newest = rows.find(({ report, state }) => report !== null && state === "succeeded");
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: `/endpoints/${encodeURIComponent(name)}`, label: name }, { label: "Load tests" }]} asOf={data.asOf} />
      <StaleBanner asOf={data.asOf} />
      <div className="page-head">
        <div>
          <h1>Load tests of {name}</h1>
          <p className="sub">{standing(data)}</p>
        </div>
      </div>
      {newest === undefined || newest.report === null ? null : (
        <Section id="newest" title={`What load test ${String(newest.number)} measured`} caption={`${newest.modelName} ${newest.versionName}; latency from when each request was due`}>
          <StageTable stages={newest.report.stages} label={`Stages of load test ${String(newest.number)}`} />
          <LimitsList test={newest} />
        </Section>
      )}
      <Section id="run" title="Run a load test">
        {data.stableVersionName === null ? (
          <p className="small">{data.mayTest.closedBecause}</p>
        ) : (
          <LoadTestForm endpoint={name} versionName={data.stableVersionName} lastRate={rows[0]?.ratePerSecond ?? null} closedBecause={data.mayTest.open ? null : data.mayTest.closedBecause} />
        )}
      </Section>
      <Section id="history" title="History" caption={rows.length === 0 ? undefined : "newest first"}>
        {rows.length === 0 ? (
          <EmptyState title="No load test was run here" heading="h3" command={`slipway loadtest ${name} --rate 50`}>
            A runtime sends the planned rate, then one and a half and two times as much, and measures what is answered, how fast, and what that takes. Held, it is evidence for the checklist
            that resource limits were profiled under load.
          </EmptyState>
        ) : (
          <LoadTestTable rows={rows} now={now} />
        )}
      </Section>
    </>
  );
}

/** The page's answer in a sentence. */
function standing({ rows }: LoadTestListView): string {
  const [last] = rows;
  if (last === undefined) return "What it carries was not measured yet.";
  if (last.finishedAt === null) return last.say;
  const measured = rows.find(({ state }) => state === "succeeded");
  if (measured === undefined) return "No load test here was carried out to its end.";
  if (!measured.limits.areCurrent) return `${measured.say} Limits were changed since: it no longer counts.`;
  return measured.say;
}
