"use client";

import { useQuery } from "@tanstack/react-query";
import { serviceLevelQuery } from "#lib/client/service-level-queries.ts";
import type { ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Section } from "../ui/section.tsx";
import { ServiceLevelForm } from "./service-level-form.tsx";
import { BudgetTable, BurnTable, CapacityTable } from "./service-level-tables.tsx";
import { capacitySentence, headline } from "./service-level-words.ts";

/** What is promised of an endpoint, what is left of it, how many replicas that takes and what they cost. */
export function ServiceLevelPage({ initial }: { initial: ServiceLevelView }) {
  const { data: view } = useQuery({ ...serviceLevelQuery(initial.endpointName), initialData: initial });
  const now = useServerNow(view.asOf);
  const base = `/endpoints/${encodeURIComponent(view.endpointName)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: base, label: view.endpointName }, { label: "Service level" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Service level of {view.endpointName}</h1>
          <p className="sub">{headline(view)}</p>
        </div>
      </div>
      {view.objectives === null ? null : (
        <>
          <Section id="budgets" title="Error budgets" caption={`rolling ${String(view.windowDays)} days, over all versions; what the input contract refuses does not count`}>
            <BudgetTable view={view} />
          </Section>
          <Section id="burns" title="How fast they are spent" caption="1 spends a budget exactly in its window; past the limit in both stretches an alert fires">
            <BurnTable rows={view.burns} />
          </Section>
        </>
      )}
      <Section id="capacity" title="Replicas and what they cost">
        <p>{capacitySentence(view)}</p>
        {view.capacity === null ? null : <CapacityTable capacity={view.capacity} prices={view.prices} />}
      </Section>
      <Section
        id="edit"
        title="Objectives, thresholds, prices"
        caption={view.updatedAt === null ? "nobody has set any" : <>by {view.updatedBy}, <Instant at={view.updatedAt} now={now} /></>}
      >
        {view.mayEdit.open ? <ServiceLevelForm key={view.rowVersion} view={view} /> : <p className="small">{view.mayEdit.closedBecause}</p>}
      </Section>
    </>
  );
}
