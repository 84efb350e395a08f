"use client";

import Link from "next/link";
import type { ClassificationFormView, ClassificationView } from "#lib/contracts/views/assurance-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { Banner } from "../ui/banner.tsx";
import { Section } from "../ui/section.tsx";
import { ClassificationForm } from "./classification-form.tsx";
import { DeliveryForm } from "./delivery-form.tsx";

/** What a model is for the law: answers, the class that follows, and who delivers it to whom. */
export function ClassificationPage({ view }: { view: ClassificationFormView }) {
  const model = `/models/${encodeURIComponent(view.modelName)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/models", label: "Models" }, { href: model, label: view.modelName }, { label: "Classification" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>{view.modelName}, classification</h1>
          <p className="sub">{view.intendedUse}</p>
        </div>
        <div className="page-say">
          <p className="verdict">
            {view.current === null
              ? "Nobody has classified this model, so which duties bind it is not known."
              : `${view.current.word}. ${view.current.because.join(" ")}`}
          </p>
        </div>
      </div>
      {view.current?.outdated === true ? (
        <Banner tone="holding">Purpose, tier, sector or countries of the model have changed since. Classify it again.</Banner>
      ) : null}
      <p className="small">
        From the model: {view.jurisdictions.length === 0 ? "no countries recorded" : `offered in ${view.jurisdictions.join(" and ")}`}, sector{" "}
        {view.sector?.replaceAll("_", " ") ?? "not recorded"}. <Link href="/assurance" prefetch={false}>Assurance</Link>
      </p>
      {view.mayClassify ? (
        <Section id="answers" title="Answers" caption="which duties bind is computed from them">
          <ClassificationForm key={view.current?.decidedAt ?? "new"} view={view} />
        </Section>
      ) : null}
      <Section id="delivery" title="Who delivers it, who owes what" caption={view.delivery === null ? "not recorded" : `recorded by ${view.delivery.recordedByName}`}>
        {view.mayClassify ? (
          <DeliveryForm key={view.delivery?.recordedAt ?? "new"} modelName={view.modelName} delivery={view.delivery} />
        ) : view.delivery === null ? (
          <p className="small">Nobody has recorded it.</p>
        ) : (
          <ul>
            {view.delivery.responsibilities.map(({ area, party }) => (
              <li key={area}>
                {area}: {party}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <History history={view.history} now={view.asOf} />
    </>
  );
}

function History({ history, now }: { history: readonly ClassificationView[]; now: string }) {
  if (history.length === 0) return null;
  return (
    <Section id="history" title="Decided before" caption="newest first; the first is in force">
      <table className="table table-compact top is-cards">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Class</th>
            <th scope="col">Why</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {history.map((row) => (
            <tr key={row.decidedAt}>
              <th scope="row">
                <Instant at={row.decidedAt} now={now} seconds={false} />
              </th>
              <td data-label="Class">{row.word}</td>
              <td className="wide">
                {row.because.join(" ")} <small>“{row.rationale}”</small>
              </td>
              <td data-label="By">{row.decidedByName}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
