import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { AssuranceView, FrameworkCounts, ModelPosture, SectorRow } from "#lib/contracts/views/assurance-view.ts";
import { Strip } from "../shell/strip.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Tag } from "../ui/tag.tsx";
import { GapTable } from "./gap-table.tsx";

const modelPath = (name: string): string => `/models/${encodeURIComponent(name)}`;
const span = (ms: number): string => formatDuration(Math.round(ms / 1000));

function verdict(models: readonly ModelPosture[]): string {
  if (models.length === 0) return "No model is registered yet.";
  const law = models.filter(({ lawOpen }) => lawOpen > 0).length;
  const unclassified = models.filter(({ actClass }) => actClass === null).length;
  const open = models.filter(({ gapsInAll }) => gapsInAll > 0).length;
  const parts = [
    law === 0 ? "No classified model has a duty of law open." : `${formatCount(law, "model")} of ${String(models.length)} ${law === 1 ? "has" : "have"} duties of law open.`,
    `${formatCount(open, "model")} ${open === 1 ? "has" : "have"} some gap.`,
    unclassified === 0 ? "" : `${formatCount(unclassified, "model")} ${unclassified === 1 ? "is" : "are"} not classified, so which duties bind is not known.`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** How the models stand: worst first, gaps before counts. */
export function AssurancePage({ view }: { view: AssuranceView }) {
  const { models, leadTimes, catalogue } = view;
  return (
    <>
      <Strip crumbs={[{ label: "Assurance" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Assurance</h1>
          <p className="sub">
            Catalogue {catalogue.version} of {catalogue.asOf}, {catalogue.controls} controls. States are
            derived from evidence each time; nobody ticks a box.
          </p>
        </div>
        <div className="actionbar-wrap assurance-acts">
          <div className="actionbar">
            <ButtonLink href="/assurance/evidence">Evidence</ButtonLink>
            <ButtonLink href="/assurance/catalogue">Catalogue</ButtonLink>
          </div>
        </div>
        <div className="page-say">
          <p className="verdict">{verdict(models)}</p>
        </div>
      </div>
      {models.length === 0 ? (
        <EmptyState title="No model is registered yet">
          Each model will stand here with what binds it and what is still open.
        </EmptyState>
      ) : null}
      <Section id="models" title="Models, gaps first" caption={`${String(models.length)} of ${String(view.total)}`} bare>
        {models.map((model) => (
          <Posture key={model.name} model={model} now={view.asOf} mayClassify={view.mayClassify} />
        ))}
        {view.next === null ? null : (
          <p>
            <Link href={`/assurance?after=${encodeURIComponent(view.next)}`} prefetch={false}>More models</Link>
          </p>
        )}
      </Section>
      <Section id="lead" title="Lead time" caption="from registering a version to its first live answer">
        <p className="small">
          {leadTimes.medianMs === null || leadTimes.longestMs === null
            ? "No version has given a live answer yet."
            : `${formatCount(leadTimes.count, "version")} went live: half of them within ${span(leadTimes.medianMs)}, the slowest in ${span(leadTimes.longestMs)}. Where the time went stands on each version's assurance page.`}
        </p>
      </Section>
      <Section id="sectors" title="By sector" caption="who asks for what once a model is released and live">
        <SectorTable sectors={view.sectors} />
      </Section>
    </>
  );
}

function FrameworkLine({ frameworks }: { frameworks: readonly FrameworkCounts[] }) {
  return (
    <table className="table table-compact is-cards">
      <thead>
        <tr>
          <th scope="col">Framework</th>
          <th scope="col" className="num">Met of applicable</th>
          <th scope="col" className="num">Open</th>
          <th scope="col" className="num">Waived</th>
          <th scope="col" className="num">Upcoming</th>
        </tr>
      </thead>
      <tbody>
        {frameworks.map(({ slug, name, band, counts }) => (
          <tr key={`${slug} ${band}`}>
            <th scope="row" className="first-th">
              <Link href={`/assurance/${slug}`} prefetch={false}>{name}</Link>, {band === "voluntary" && slug === "sr-11-7" ? "superseded" : band}
            </th>
            <td className="num" data-label="Met of applicable">
              {counts.met} of {counts.applicable}
            </td>
            <td className="num" data-label="Open">{counts.stale + counts.missing + counts.failed}</td>
            <td className="num" data-label="Waived">{counts.waived}</td>
            <td className="num" data-label="Upcoming">{counts.upcoming}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Posture({ model, now, mayClassify }: { model: ModelPosture; now: string; mayClassify: boolean }) {
  const path = model.versionName === null ? modelPath(model.name) : `${modelPath(model.name)}/versions/${encodeURIComponent(model.versionName)}/assurance`;
  return (
    <article className="posture" aria-labelledby={`model-${model.name}`}>
      <div className="meta">
        <h3 id={`model-${model.name}`}>
          <Link href={path} prefetch={false}>
            {model.name} {model.versionName}
          </Link>{" "}
          {model.demo ? <Tag>Demo</Tag> : null}
        </h3>
        <span>{model.liveIn.length === 0 ? "Live nowhere" : `Live in ${model.liveIn.join(", ")}`}</span>
        <span>Risk {model.riskTier}{model.jurisdictions.length === 0 ? "" : `, ${model.jurisdictions.join(" and ")}`}</span>
        <span>{model.actClass === null ? "Not classified" : `EU AI Act: ${model.actClass}`}</span>
        {model.leadTimeMs === null ? null : <span>First live answer {span(model.leadTimeMs)} after registering</span>}
        <Link href={`${modelPath(model.name)}/classification`} prefetch={false}>
          {model.actClass === null && mayClassify ? "Classify" : "Classification"}
          <span className="vh"> {model.name}</span>
        </Link>
      </div>
      <div className="body">
        <p className="small">{model.intendedUse}</p>
        {model.actClass === null ? (
          <p>Which duties bind it is not known until somebody answers the classifier's questions.</p>
        ) : (
          <>
            <GapTable gaps={model.gaps} now={now} compact />
            {model.gapsInAll > model.gaps.length ? (
              <p className="small">
                <Link href={path} prefetch={false}>
                  {formatCount(model.gapsInAll - model.gaps.length, "more gap")}
                </Link>
              </p>
            ) : null}
            <FrameworkLine frameworks={model.frameworks} />
          </>
        )}
      </div>
    </article>
  );
}

function SectorTable({ sectors }: { sectors: readonly SectorRow[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact top is-cards">
        <thead>
          <tr>
            <th scope="col">Sector</th>
            <th scope="col">Framework</th>
            <th scope="col">Body</th>
            <th scope="col">Duties in release and after deployment</th>
          </tr>
        </thead>
        <tbody>
          {sectors.map(({ sector, framework, slug, body, standing, duties }) => (
            <tr key={slug}>
              <th scope="row">{sector}</th>
              <td data-label="Framework">
                <div>
                  <Link href={`/assurance/${slug}`} prefetch={false}>{framework}</Link>
                  <small>{standing}</small>
                </div>
              </td>
              <td data-label="Body">{body}</td>
              <td data-label="Duties">
                <ul>
                  {duties.map((duty) => (
                    <li key={duty}>{duty}</li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
