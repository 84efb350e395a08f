"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { formatCount } from "#lib/client/format-number.ts";
import { endpointQuery } from "#lib/client/registry-queries.ts";
import { modelPath, spoken } from "#lib/client/registry-words.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { EndpointMonitoringView, EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";
import { CallSection } from "./call-section.tsx";
import { DeploymentTable } from "./deployment-table.tsx";
import { MonitoringSection } from "./monitoring-section.tsx";
import { NowTable } from "./now-table.tsx";
import { RouteTable } from "./route-table.tsx";
import { LoadedVersionTable, RuntimeEnvironmentTable, RuntimeLoadTable } from "./runtime-load.tsx";
import { RuntimeTable } from "./runtime-table.tsx";
import { ThenSection } from "./then-section.tsx";

export type EndpointPageProps = {
  readonly initial: EndpointView;
  readonly initialAt: string | null;
  readonly initialMonitoring: EndpointMonitoringView;
  /** Where clients reach the runtimes, when the installation says so. */
  readonly publicRuntimeUrl: string | null;
};

/** One endpoint: what answers now, how well, how to call it, and what was live at any moment. */
export function EndpointPage({
  initial,
  initialAt,
  initialMonitoring,
  publicRuntimeUrl,
}: EndpointPageProps) {
  const [at] = useQueryState("at", parseAsString);
  const { data } = useQuery({
    ...endpointQuery(initial.name, at),
    ...(at === initialAt ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  return (
    <>
      <Strip
        crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: view.name }]}
        asOf={view.asOf}
      />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} />
      <section className="section section-first" aria-labelledby="now">
        <div className="section-head">
          <h2 id="now">What is live</h2>
          <span className="caption">route table of epoch {view.epoch}</span>
        </div>
        <NowTable view={view} now={now} />
      </section>
      {view.pattern === "online" ? (
        <MonitoringSection endpointName={view.name} initial={initialMonitoring} />
      ) : (
        <UsedElsewhere pattern={view.pattern} />
      )}
      {view.pattern === "edge" ? null : <ServedByRuntimes view={view} publicRuntimeUrl={publicRuntimeUrl} now={now} />}
      <ThenSection view={view} now={now} />
      <Section
        id="deployments"
        title="Deployments"
        caption="what ran here, from when to when; never changed afterwards"
      >
        <DeploymentTable rows={view.deployments} modelName={view.modelName} now={now} />
      </Section>
      <Section
        id="routes"
        title="Route tables"
        caption={
          view.routesTotal > view.routes.length
            ? `the newest ${String(view.routes.length)} of ${String(view.routesTotal)}; epochs only rise`
            : "every change of weights, newest first; epochs only rise"
        }
      >
        <RouteTable rows={view.routes} now={now} />
      </Section>
    </>
  );
}

/** The runtimes of the control plane, and how a request reaches them; devices are none of them. */
function ServedByRuntimes({ view, publicRuntimeUrl, now }: { view: EndpointView; publicRuntimeUrl: string | null; now: string }) {
  return (
    <>
      <Section
        id="runtimes"
        title="Runtimes"
        caption={`${formatCount(view.runtimes.filter(({ live }) => live).length, "runtime")} heard from`}
      >
        <RuntimeTable view={view} now={now} />
      </Section>
      {view.runtimes.length === 0 ? null : (
        <>
          <Section id="load" title="How busy they are" caption="over the last seconds, by each runtime's newest heartbeat">
            <RuntimeLoadTable runtimes={view.runtimes} now={now} />
          </Section>
          <Section id="loaded" title="What they have loaded" caption="and where it disagrees with the libraries it was locked to">
            <LoadedVersionTable runtimes={view.runtimes} modelName={view.modelName} mayLift={view.mayLiftQuarantine.open} />
          </Section>
          <Section id="environment" title="What they run on" caption="as each said at its start">
            <RuntimeEnvironmentTable runtimes={view.runtimes} />
          </Section>
        </>
      )}
      <CallSection view={view} publicRuntimeUrl={publicRuntimeUrl} />
    </>
  );
}

/** Where an endpoint that no request is routed to is looked after. */
function UsedElsewhere({ pattern }: { pattern: "batch" | "edge" }) {
  return pattern === "batch" ? (
    <p className="small">
      No request is routed here. Its jobs, outputs and proposed versions are on the page of{" "}
      <Link href="/batch" prefetch={false}>
        batch jobs
      </Link>
      .
    </p>
  ) : (
    <p className="small">
      No request is routed here: devices answer on the spot. What each of them runs, its updates and the way back are on the page of{" "}
      <Link href="/devices" prefetch={false}>
        devices
      </Link>
      . What they counted is under Monitoring, as soon as they hand it in.
    </p>
  );
}

function Head({ view }: { view: EndpointView }) {
  const release = view.openRelease;
  const status =
    release === null
      ? view.places.length === 0
        ? ({ word: "Nothing live", shape: "draft" } as const)
        : ({ word: "Live", shape: "live" } as const)
      : releaseStatus(release.state);
  return (
    <div className="page-head">
      <div>
        <h1>
          {view.name}{" "}
          <Status shape={status.shape} tint big>
            {status.word}
          </Status>
          {view.demo ? <Tag>Demo</Tag> : null}
        </h1>
        <p className="sub">
          {view.pattern === "batch" ? "Answers files of rows by" : "Serves"}{" "}
          <Link href={modelPath(view.modelName)} prefetch={false}>
            {view.modelName}
          </Link>{" "}
          {view.pattern === "edge" ? "on devices in" : "in"} {view.environmentName}. {spoken(view.riskTier)} risk.
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          <ButtonLink href={`/endpoints/${encodeURIComponent(view.name)}/monitoring`}>Monitoring</ButtonLink>
          {view.pattern === "edge" ? null : <ButtonLink href={`/endpoints/${encodeURIComponent(view.name)}/service-level`}>Service level</ButtonLink>}
          {view.pattern === "online" ? (
            <>
              <ButtonLink href={`/endpoints/${encodeURIComponent(view.name)}/runtime-configuration`}>Runtime configuration</ButtonLink>
              <ButtonLink href={`/endpoints/${encodeURIComponent(view.name)}/drills`}>Rollback drills</ButtonLink>
              {view.stage === "staging" ? <ButtonLink href={`/endpoints/${encodeURIComponent(view.name)}/load-tests`}>Load tests</ButtonLink> : null}
            </>
          ) : null}
          {view.pattern === "batch" ? (
            <ButtonLink href={`/batch/new?endpoint=${encodeURIComponent(view.name)}`} variant="primary">
              New batch job
            </ButtonLink>
          ) : view.pattern === "edge" ? (
            <ButtonLink href="/devices" variant="primary">
              Devices
            </ButtonLink>
          ) : release === null ? (
            view.mayRelease.open ? (
              <ButtonLink
                href={`/releases/new?endpoint=${encodeURIComponent(view.name)}`}
                variant="primary"
              >
                New release
              </ButtonLink>
            ) : (
              <Button variant="primary" closed aria-describedby="why-no-release">
                New release
              </Button>
            )
          ) : (
            <ButtonLink href={`/releases/${String(release.number)}`} variant="primary">
              {`Open release ${String(release.number)}`}
            </ButtonLink>
          )}
        </div>
        {release === null && view.pattern !== "edge" && !view.mayRelease.open ? (
          <p className="caption closed-note" id="why-no-release">
            {view.mayRelease.closedBecause}
          </p>
        ) : null}
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
        {release === null ? null : (
          <p className="actionbar-note">
            Release {release.number} moves it to <b>{release.candidateVersionName}</b>. Hold,
            promote and roll back are on{" "}
            <Link href={`/releases/${String(release.number)}`} prefetch={false}>
              its page
            </Link>
            .
          </p>
        )}
      </div>
    </div>
  );
}
