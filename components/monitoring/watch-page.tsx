"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { formatCount, formatMs, formatNumber } from "#lib/client/format-number.ts";
import { againstWords, percent, rangeWords, score, signalWord, sourceWords, worstSignal } from "#lib/client/monitoring-words.ts";
import { watchQuery } from "#lib/client/monitoring-queries.ts";
import { comparisons, watchRanges, type MonitoringView, type MonitoringViewQuery } from "#lib/contracts/views/monitoring-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { AlertTable } from "./alert-table.tsx";
import { DistributionFigure } from "./distribution-figure.tsx";
import { FeatureTable } from "./feature-table.tsx";
import { PerformanceSection, VersionSection } from "./performance-section.tsx";
import { SignalClasses } from "./signal-classes.tsx";
import { SilencePart } from "./silence-part.tsx";
import { WatchPointTable } from "./watch-point-table.tsx";

const WatchCharts = dynamic(async () => (await import("./watch-charts.tsx")).WatchCharts, { ssr: false, loading: () => <div className="monitor-waiting" /> });

const parsers = {
  range: parseAsStringLiteral(watchRanges).withDefault("1h"),
  against: parseAsStringLiteral(comparisons).withDefault("training"),
  version: parseAsString,
  feature: parseAsString,
};

/** The monitoring of one endpoint: a sentence, three classes of signals, traffic, features, answers, performance, alerts. */
export function WatchPage({ initial, initialQuery }: { initial: MonitoringView; initialQuery: MonitoringViewQuery }) {
  const [asked, setAsked] = useQueryStates(parsers);
  const isSame = JSON.stringify(asked) === JSON.stringify(initialQuery);
  const { data } = useQuery({ ...watchQuery(initial.endpointName, asked), ...(isSame ? { initialData: initial } : {}) });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const base = `/endpoints/${encodeURIComponent(view.endpointName)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: base, label: view.endpointName }, { label: "Monitoring" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} base={base} />
      <div className="toolrow">
        <div className="chips" role="group" aria-label="Time range">
          <span className="lab" aria-hidden="true">Range</span>
          {watchRanges.map((name) => <FilterChip key={name} label={rangeWords[name]} pressed={asked.range === name} onPress={() => void setAsked({ range: name })} />)}
        </div>
        <div className="chips" role="group" aria-label="Order features by drift against">
          <span className="lab" aria-hidden="true">Drift against</span>
          {comparisons.map((name) => <FilterChip key={name} label={againstWords[name]} pressed={asked.against === name} onPress={() => void setAsked({ against: name })} />)}
        </div>
      </div>
      <SignalClasses signals={view.signals} />
      <Section id="traffic" title="Latency, requests, errors" caption={trafficCaption(view)}>
        <WatchPointTable view={view} />
        {view.reasons.length === 0 ? null : <p className="small">Not answered: {view.reasons.map(({ reason, status, count }) => `${formatNumber(count)} ${reason.replaceAll("_", " ")} (${String(status)})`).join(", ")}.</p>}
        {view.points.some(({ requestsPerSecond }) => requestsPerSecond !== null) ? <WatchCharts view={view} /> : null}
      </Section>
      <Features view={view} against={asked.against} feature={asked.feature} onFeature={(feature) => void setAsked({ feature })} now={now} />
      <Predictions view={view} now={now} />
      <PerformanceSection view={view} />
      <VersionSection view={view} onShow={(version) => void setAsked({ version })} />
      <Section id="alerts" title="Alerts" caption={`${formatCount(view.alerts.filter(({ resolvedAt }) => resolvedAt === null).length, "alert")} open, the newest 20 shown`} end={<Link href="/alerts" prefetch={false}>All alerts</Link>}>
        {view.alerts.length === 0 ? <p className="small">No alert has fired here. The rules and their limits are on their own page.</p> : <AlertTable alerts={view.alerts} mayAcknowledge={view.mayAcknowledge} now={now} />}
        <SilencePart view={view} now={now} />
      </Section>
    </>
  );
}

function trafficCaption(view: MonitoringView): string {
  const parts = [`${view.versionName}, ${rangeWords[view.range]} in stretches of ${formatNumber(view.pointSeconds / 60)} min`];
  if (view.inferenceMsP95 !== null) parts.push(`p95 in the model ${formatMs(view.inferenceMsP95)}`);
  if (view.queueMsP95 !== null) parts.push(`waiting for it ${formatMs(view.queueMsP95)}`);
  return parts.join("; ");
}

function Head({ view, base }: { view: MonitoringView; base: string }) {
  const worst = worstSignal(view.signals);
  const word = worst === null ? ({ shape: "no-data", word: "Not evaluated yet" } as const) : signalWord(worst);
  return (
    <div className="page-head">
      <div>
        <h1>
          {view.endpointName}, {view.environmentName} <Status shape={word.shape} tint big>{word.word}</Status>
        </h1>
        <p className="sub">
          Monitoring of <Link href={`/models/${encodeURIComponent(view.modelName)}`} prefetch={false}>{view.modelName}</Link> {view.versionName}, always on, release or not.
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          <ButtonLink href={`${base}/monitoring/rules`} variant="primary">Alert rules</ButtonLink>
          <ButtonLink href={base}>Endpoint</ButtonLink>
        </div>
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
      </div>
    </div>
  );
}

function Features({ view, against, feature, onFeature, now }: { view: MonitoringView; against: MonitoringViewQuery["against"]; feature: string | null; onFeature: (name: string | null) => void; now: string }) {
  const { baseline, window } = view;
  const by = { training: (row: (typeof view.features)[number]) => row.excess, same_hour: (row: (typeof view.features)[number]) => row.sameHour ?? -1, hour_before: (row: (typeof view.features)[number]) => row.hourBefore ?? -1 }[against];
  const features = against === "training" ? view.features : [...view.features].sort((a, b) => by(b) - by(a));
  return (
    <Section
      id="features"
      title="Features"
      caption={window === null || baseline === null ? undefined : <>{formatNumber(window.rows)} rows, <Instant at={window.start} now={now} /> to <Instant at={window.end} now={now} />{window.coverage === null ? "" : `, ${percent(window.coverage)} counted`}; against {sourceWords[baseline.source]} of {formatNumber(baseline.rows)} rows</>}
    >
      {baseline?.notes.map((note) => <p className="small" key={note}>{note}</p>)}
      {features.length === 0 ? (
        <EmptyState title="No features compared yet">
          {baseline === null || baseline.source === "none" ? "Register a version with a training profile (field baseline) or a sample, and its traffic is compared with that." : "The first comparison comes a minute after the first requests; it needs some hundred rows."}
        </EmptyState>
      ) : (
        <FeatureTable features={features} against={against} open={feature} distribution={view.feature} onOpen={onFeature} />
      )}
      {baseline === null ? null : <p className="caption">Bins <span className="digest">{baseline.binsHash.slice(0, 19)}</span>; windows counted by other bins are never added to these.</p>}
    </Section>
  );
}

function Predictions({ view, now }: { view: MonitoringView; now: string }) {
  const { baseline, predictions } = view;
  return (
    <Section
      id="predictions"
      title="Predictions"
      caption={baseline?.frozenAt && baseline.frozenRows !== null ? <>against the first {formatNumber(baseline.frozenRows)} rows of this deployment, frozen <Instant at={baseline.frozenAt} now={now} /></> : undefined}
    >
      {predictions.length === 0 ? (
        <p className="small">{baseline?.frozenAt ? "No answer was counted in the newest window." : "The baseline of the answers is frozen from the deployment's first 2,000 rows, or 500 after an hour; then they are compared with it."}</p>
      ) : (
        predictions.map((one) => (
          <div key={one.name}>
            <h3>{one.name}, PSI {score(one.psi)}</h3>
            <DistributionFigure distribution={one} referenceWord="At deployment" />
          </div>
        ))
      )}
    </Section>
  );
}
