"use client";

import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { ChangePlanView, DeliveryView, PlaceChecklist, VersionAssuranceView } from "#lib/contracts/views/assurance-view.ts";
import { DOCUMENT_IDS, DOCUMENT_TITLES } from "#lib/domain/governance/regulatory-documents.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { ButtonLink, buttonClass } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";
import { AddEvidenceForm } from "./add-evidence-form.tsx";
import { ControlMatrix } from "./control-matrix.tsx";
import { CountsTable } from "./counts-table.tsx";
import { GapTable } from "./gap-table.tsx";
import { StateMark } from "./states.tsx";

const span = (ms: number): string => formatDuration(Math.round(ms / 1000));
const DELIVERY = { internal: "Developed internally", third_party: "Developed for a client", hybrid: "Built on a provider's layer" } as const;

function verdict(view: VersionAssuranceView): { readonly head: string; readonly more: string } {
  if (view.classification === null) return { head: "Nobody has classified this model.", more: "Which duties bind it is not known; nothing below can say that it is in order." };
  const law = view.frameworks.filter(({ band }) => band === "law").reduce((sum, { counts }) => sum + counts.stale + counts.missing + counts.failed, 0);
  const other = view.frameworks.filter(({ band }) => band !== "law").reduce((sum, { counts }) => sum + counts.stale + counts.missing + counts.failed, 0);
  const upcoming = view.frameworks.reduce((sum, { counts }) => sum + counts.upcoming, 0);
  return {
    head: law === 0 ? "No duty of law is open." : `${formatCount(law, "duty of law", "duties of law")} ${law === 1 ? "is" : "are"} open.`,
    more: `${formatCount(other, "other control")} ${other === 1 ? "is" : "are"} open, behind ${formatCount(view.gaps.length, "piece")} of evidence. ${String(upcoming)} upcoming.`,
  };
}

/** What binds this version, what is open and why, and the evidence behind every line. */
export function VersionAssurancePage({ view }: { view: VersionAssuranceView }) {
  const model = `/models/${encodeURIComponent(view.modelName)}`;
  const path = `${model}/versions/${encodeURIComponent(view.versionName)}`;
  const { head, more } = verdict(view);
  return (
    <>
      <Strip
        crumbs={[{ href: "/models", label: "Models" }, { href: model, label: view.modelName }, { href: path, label: view.versionName }, { label: "Assurance" }]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            {view.modelName} {view.versionName}, assurance {view.demo ? <Tag>Demo</Tag> : null}
          </h1>
          <p className="sub">
            Artifact <Digest value={view.digest} />, catalogue {view.catalogue}. <Link href={`/audit?model=${encodeURIComponent(view.modelName)}`} prefetch={false}>Audit trail</Link>
          </p>
        </div>
        <div className="actionbar-wrap assurance-acts">
          <div className="actionbar">
            <a className={buttonClass()} href={`/api/v1${path}/annex-iv`} download>
              Annex IV file
            </a>
            <ButtonLink href={`${model}/classification`} variant={view.classification === null ? "primary" : "plain"}>
              {view.classification === null && view.mayClassify ? "Classify" : "Classification"}
            </ButtonLink>
          </div>
        </div>
        <div className="page-say">
          <p className="verdict">
            <b>{head}</b> {more}
          </p>
        </div>
      </div>
      <FactBar view={view} />
      <Section id="gaps" title="Gaps first" caption={`${String(view.gaps.length)} open`} unruled>
        {view.classification === null ? <p className="small">Classify the model first.</p> : <GapTable gaps={view.gaps} now={view.asOf} />}
      </Section>
      {view.mayAdd ? (
        <div className="assurance-acts">
          <Section id="add" title="Add evidence" caption="a signed statement, with a document where there is one">
            <AddEvidenceForm view={view} />
          </Section>
        </div>
      ) : null}
      {view.classification === null ? null : (
        <>
          <Section id="counts" title="Counts" caption="by force of law">
            <CountsTable frameworks={view.frameworks} />
          </Section>
          <Section id="controls" title="Controls" caption={formatCount(view.controls.length, "control")}>
            <ControlMatrix controls={view.controls} now={view.asOf} />
          </Section>
        </>
      )}
      <Section id="checklist" title="Checklist" caption="what each environment asks for; 21 of 21 means the items are met, no more">
        {view.places.map((place) => (
          <Place key={place.environmentName} place={place} />
        ))}
      </Section>
      <Section id="documents" title="Documents to sign and file" caption="made from what is recorded; open fields are named">
        <ul>
          {DOCUMENT_IDS.map((id) => (
            <li key={id}>
              <Link href={`${path}/documents/${id}`} prefetch={false}>
                {DOCUMENT_TITLES[id]}
              </Link>
            </li>
          ))}
          <li>
            <a href={`/api/v1${path}/annex-iv`} download>
              Technical documentation, Annex IV
            </a>
          </li>
        </ul>
      </Section>
      {view.changePlan === null ? null : <ChangePlan plan={view.changePlan} now={view.asOf} />}
      <Lead view={view} />
      {view.delivery === null ? null : <Delivery delivery={view.delivery} now={view.asOf} />}
      {view.decisions.length === 0 ? null : (
        <Section id="decisions" title="Signed decisions" caption={formatCount(view.decisions.length, "decision")}>
          <table className="table table-compact top is-cards">
            <thead>
              <tr>
                <th scope="col">Control</th>
                <th scope="col">Decision</th>
                <th scope="col">Reason</th>
                <th scope="col">Signed</th>
                <th scope="col">Until</th>
              </tr>
            </thead>
            <tbody>
              {view.decisions.map((row) => (
                <tr key={`${row.controlId} ${row.signedAt}`}>
                  <th scope="row"><Link href={`/assurance/${row.controlId}`} prefetch={false}>{row.citation}</Link></th>
                  <td data-label="Decision">{row.decision.replaceAll("_", " ")}</td>
                  <td className="wide">{row.reason}</td>
                  <td data-label="Signed">{row.signedName}, <Instant at={row.signedAt} now={view.asOf} seconds={false} /></td>
                  <td data-label="Until"><Instant at={row.until} now={view.asOf} seconds={false} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      {view.releases.length === 0 ? null : (
        <Section id="manifests" title="Release manifests" caption="one signed file each, to hand to an examiner">
          <ul>
            {view.releases.map((number) => (
              <li key={number}>
                <a href={`/api/v1/releases/${String(number)}/manifest`} download={`release-${String(number)}.slipway-manifest.json`}>
                  Release {number}
                </a>{" "}
                <code>slipway release manifest {number}</code>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function FactBar({ view }: { view: VersionAssuranceView }) {
  const { classification, lead } = view;
  return (
    <dl className="factbar">
      <div>
        <dt>Intended use</dt>
        <dd>{view.intendedUse}</dd>
      </div>
      <div>
        <dt>Classification</dt>
        <dd>
          <b>{classification?.word ?? "None"}</b>
          {classification === null ? null : (
            <small>
              {classification.outdated ? "Outdated: the model has changed since. " : ""}
              {classification.decidedByName}, <Instant at={classification.decidedAt} now={view.asOf} seconds={false} />
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>Risk tier, owner</dt>
        <dd>
          <b>{view.riskTier}</b>
          <small>{view.ownerName}</small>
        </dd>
      </div>
      <div>
        <dt>Live</dt>
        <dd>
          <b>{view.liveIn.length === 0 ? "Nowhere" : view.liveIn.join(", ")}</b>
        </dd>
      </div>
      <div>
        <dt>Deployed</dt>
        <dd>
          {lead.deployedAt === null ? (
            <>Not yet<small>No live answer was given.</small></>
          ) : (
            <>
              <Instant at={lead.deployedAt} now={view.asOf} />
              <small>first live answer, on {lead.deployedOn}</small>
            </>
          )}
        </dd>
      </div>
    </dl>
  );
}

const ITEM_STATE = { met: "met", open: "missing", failed: "failed", stale: "stale", waived: "waived", not_applicable: "not_applicable" } as const;

function Place({ place }: { place: PlaceChecklist }) {
  const { checklist } = place;
  const items = checklist.phases.flatMap(({ items: own }) => own);
  return (
    <details className="fold" open={place.live}>
      <summary>
        <b>{place.environmentName}</b>
        <span className="marks">
          {items.map((item) => (
            <StateMark key={item.code} state={ITEM_STATE[item.state]} label={`${item.title}: ${item.state.replaceAll("_", " ")}`} />
          ))}
        </span>
        <span className="end">
          {checklist.met} of {checklist.total} met{place.live ? ", live here" : ""}
        </span>
      </summary>
      <table className="table table-compact top is-cards">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col" className="w-state">State</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.code}>
              <th scope="row">{item.title}</th>
              <td className="v-cell">
                <StateMark state={ITEM_STATE[item.state]} label="" /> {item.state.replaceAll("_", " ")}
              </td>
              <td className="wide">{item.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function ChangePlan({ plan, now }: { plan: ChangePlanView; now: string }) {
  const said = plan.verdict === null ? null : plan.verdict === "within" ? "Inside the plan" : plan.verdict === "outside" ? "Outside the plan" : "No change";
  return (
    <Section id="change-plan" title="Change plan" caption={`plan ${plan.planVersion}, ${plan.status}, ${plan.authorisationRef}`}>
      <p className="small">
        Registered by {plan.registeredByName}, <Instant at={plan.registeredAt} now={now} seconds={false} />.{" "}
        {said === null ? "This version is live; there is nothing to compare." : `Compared with ${plan.against ?? ""}, which is live.`}
      </p>
      {said === null ? null : (
        <>
          <p>
            <Status shape={plan.verdict === "outside" ? "failed" : "passed"}>{said}</Status> {plan.stoppedBy === null ? "" : `A release would be stopped: ${plan.stoppedBy}`}
          </p>
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">Bound</th>
                <th scope="col" className="w-state">Held</th>
                <th scope="col">What was found</th>
              </tr>
            </thead>
            <tbody>
              {plan.bounds.map(({ name, held, say }) => (
                <tr key={`${name} ${say}`}>
                  <th scope="row">{name}</th>
                  <td className="v-cell"><Status shape={held ? "passed" : "failed"}>{held ? "Held" : "Broken"}</Status></td>
                  <td className="wide">{say}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Section>
  );
}

function Lead({ view }: { view: VersionAssuranceView }) {
  const { phases, totalMs } = view.lead;
  const all = phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  return (
    <Section id="lead" title="Lead time" caption={totalMs === null ? "no live answer yet" : `${span(totalMs)} from registering to the first live answer`}>
      {all > 0 ? (
        <div className="lead-bar" aria-hidden="true">
          {phases.map(({ name, ms }) => (
            <span key={name} style={{ flexGrow: Math.max(1, Math.round((1000 * (ms ?? 0)) / all)) }} />
          ))}
        </div>
      ) : null}
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">From</th>
            <th scope="col" className="num">Took</th>
          </tr>
        </thead>
        <tbody>
          {phases.map(({ name, fromAt, toAt, ms }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td data-label="From"><Instant at={fromAt} now={view.asOf} /></td>
              <td className="num" data-label="Took">{ms === null ? "" : span(ms)}{toAt === null ? " so far" : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Delivery({ delivery, now }: { delivery: DeliveryView; now: string }) {
  return (
    <Section id="delivery" title="Who owes what" caption={DELIVERY[delivery.kind]}>
      <p className="small">
        Artifact kept by {delivery.custodian}
        {delivery.client === null ? "" : `, for ${delivery.client}`}
        {delivery.provider === null ? "" : `, provider ${delivery.provider}`}. Recorded by {delivery.recordedByName},{" "}
        <Instant at={delivery.recordedAt} now={now} seconds={false} />.
      </p>
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Area</th>
            <th scope="col">Party</th>
          </tr>
        </thead>
        <tbody>
          {delivery.responsibilities.map(({ area, party }) => (
            <tr key={area}>
              <th scope="row">{area}</th>
              <td data-label="Party">{party}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
