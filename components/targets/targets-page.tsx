"use client";

import { useQuery } from "@tanstack/react-query";
import { formatCount } from "#lib/client/format-number.ts";
import { targetsQuery } from "#lib/client/target-queries.ts";
import type { BindingRow, TargetRow, TargetsView } from "#lib/contracts/views/target-view.ts";
import { TARGET_FACTS, TARGET_KINDS, type Capability } from "#lib/domain/serving/target-kinds.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";
import { ServingNav } from "../shell/serving-nav.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ConnectionForm } from "./connection-form.tsx";
import { BindForm, TargetForm } from "./target-forms.tsx";

const DRIFT = {
  unread: { shape: "no-data", word: "Not read yet" },
  none: { shape: "passed", word: "As approved" },
  unreachable: { shape: "undecided", word: "Not reachable" },
  missing: { shape: "failed", word: "Not served" },
  foreign: { shape: "failed", word: "Serves another" },
} as const satisfies Readonly<Record<BindingRow["drift"], unknown>>;

/** Other people's servers: what was put on them, and what they say they serve. */
export function TargetsPage({ initial }: { initial: TargetsView }) {
  const { data: view } = useQuery({ ...targetsQuery(), initialData: initial });
  const now = useServerNow(view.asOf);
  const wrong = view.targets.flatMap(({ bindings }) => bindings).filter(({ drift }) => drift === "missing" || drift === "foreign").length;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "Targets" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Targets</h1>
          <p className="sub">
            {view.targets.length === 0
              ? "Servers where models run already. Our router gives them weights, canary, shadow, contracts and verdicts."
              : `${formatCount(view.targets.length, "server")}; ${wrong === 0 ? "none is known to serve something else than was approved" : `${formatCount(wrong, "version")} not served as approved`}. Read back every minute.`}
          </p>
        </div>
      </div>
      <ServingNav />
      {view.targets.length === 0 ? (
        <EmptyState title="No target yet" command="slipway target add triton --kind oip_http --url http://triton:8000 --environment production">
          Versions then run on that server; requests still come to our runtimes, which check, split, count and judge them. You will see what
          each server says it serves.
        </EmptyState>
      ) : (
        view.targets.map((target) => <TargetPart key={target.id} target={target} now={now} mayChange={view.mayCreate.open} />)
      )}
      <Section id="kinds" title="What each kind can do" caption="said before it is chosen">
        <KindTable />
      </Section>
      {view.mayBind.open && view.targets.length > 0 ? (
        <Section id="bind" title="Put a version on a target" caption="before it is on any endpoint; it stays">
          <BindForm targets={view.targets} />
        </Section>
      ) : null}
      <Section id="new-target" title="New target">
        {view.mayCreate.open ? <TargetForm environments={view.environments} /> : <p className="small">{view.mayCreate.closedBecause}</p>}
      </Section>
    </>
  );
}

function TargetPart({ target, now, mayChange }: { target: TargetRow; now: string; mayChange: boolean }) {
  const facts = TARGET_FACTS[target.kind];
  return (
    <Section id={`target-${target.name}`} title={target.name} caption={`${facts.label}, in ${target.environmentName}`}>
      <p className="small">
        <code>{target.url}</code>, answers within {target.timeoutMs} ms or not at all, {target.hasCredentials ? "with credentials, kept encrypted" : "without credentials"}. {facts.limits}
      </p>
      {target.bindings.length === 0 ? (
        <p className="small">No version runs here.</p>
      ) : (
        <div className="table-wrap">
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">State</th>
                <th scope="col">There it is</th>
                <th scope="col">The server says</th>
                <th scope="col">Read</th>
                <th scope="col">Act</th>
              </tr>
            </thead>
            <tbody>
              {target.bindings.map((binding) => (
                <Binding key={binding.id} binding={binding} now={now} says={facts.readBack !== "none"} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mayChange ? <ConnectionForm target={target} /> : null}
    </Section>
  );
}

function Binding({ binding, now, says }: { binding: BindingRow; now: string; says: boolean }) {
  const { shape, word } = DRIFT[binding.drift];
  const remote = `${binding.remoteModel}${binding.remoteVersion === null ? "" : ` ${binding.remoteVersion}`}`;
  return (
    <tr>
      <th scope="row" className="first-th">
        {binding.modelName} {binding.versionName}
        <small>{binding.endpoints.length === 0 ? "on no endpoint" : `on ${binding.endpoints.join(", ")}`}</small>
      </th>
      <td className="v-cell">
        <Status shape={says ? shape : "no-data"}>{says ? word : "Says nothing"}</Status>
      </td>
      <td data-label="There it is">{remote}</td>
      <td data-label="The server says">
        {binding.driftProblem ?? (binding.served === null ? <span className="muted">nothing yet</span> : binding.served.map(({ version, state, isDefault }) => `${version} ${state}${isDefault ? ", by default" : ""}`).join("; "))}
      </td>
      <td data-label="Read" className="nowrap">
        {binding.readAt === null ? <span className="muted">never</span> : <Instant at={binding.readAt} now={now} />}
      </td>
      <td data-label="Act">
        {binding.mayRestore.open ? (
          <ReasonAct
            small
            variant="danger"
            label="Restore"
            about={remote}
            title={`Have ${remote} served again`}
            topics={["endpoint"]}
            path={`/api/v1/target-bindings/${binding.id}/restore`}
          >
            The server is told to serve {remote} again, then asked whether it does.
          </ReasonAct>
        ) : binding.drift === "missing" || binding.drift === "foreign" ? (
          <span className="caption">{binding.mayRestore.closedBecause}</span>
        ) : null}
      </td>
    </tr>
  );
}

const WORDS: Readonly<Record<Capability, string>> = { own: "by itself", by_router: "by our router", none: "no" };

function KindTable() {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Weights, canary</th>
            <th scope="col">Shadow</th>
            <th scope="col">Contract</th>
            <th scope="col">Versions at once</th>
            <th scope="col">Read back</th>
            <th scope="col">Restore</th>
          </tr>
        </thead>
        <tbody>
          {TARGET_KINDS.map((kind) => {
            const facts = TARGET_FACTS[kind];
            return (
              <tr key={kind}>
                <th scope="row" className="first-th">
                  {facts.label}
                </th>
                <td data-label="Weights, canary">{WORDS[facts.weights]}</td>
                <td data-label="Shadow">{WORDS[facts.shadow]}</td>
                <td data-label="Contract">{WORDS[facts.contract]}</td>
                <td data-label="Versions at once">{WORDS[facts.versions]}</td>
                <td data-label="Read back">{WORDS[facts.readBack]}</td>
                <td data-label="Restore">{WORDS[facts.restore]}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
