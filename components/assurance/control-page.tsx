import Link from "next/link";
import type { ControlView } from "#lib/contracts/views/assurance-view.ts";
import { Strip } from "../shell/strip.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { EvidenceItem } from "./control-matrix.tsx";
import { DecideControlForm } from "./decide-control-form.tsx";
import { ControlStatus } from "./states.tsx";

const BY = { slipway: "Slipway itself", either: "a pipeline or a person", person: "a person" } as const;

/** One control: the duty, its force and how sure we are, what evidence it takes, and how it stands for each model. */
export function ControlPage({ view }: { view: ControlView }) {
  const { control } = view;
  return (
    <>
      <Strip crumbs={[{ href: "/assurance", label: "Assurance" }, { href: `/assurance/${view.frameworkSlug}`, label: view.frameworkName }, { label: control.citation }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>{control.title}</h1>
          <p className="sub">{view.frameworkName}, {control.citation}</p>
        </div>
        <div className="page-say">
          <p className="verdict">{control.obligation}</p>
          {control.note === null ? null : <p className="actionbar-note">{control.note}</p>}
        </div>
      </div>
      <Section id="facts" title="What it is" bare>
        <Facts
          facts={[
            { label: "Force", value: control.force },
            { label: "Source", value: control.confidence },
            { label: "Applies to", value: `${control.roles.join(", ")}. ${control.condition}` },
            { label: "From", value: control.appliesFrom.length === 0 ? "no single day" : control.appliesFrom.map(({ scope, date }) => `${date} (${scope})`).join(", ") },
            { label: "Made by", value: control.automation === "auto" ? "machines alone" : control.automation === "assisted" ? "machines, with a person's decision" : "people" },
            { label: "Checklist items", value: control.items.length === 0 ? "none" : control.items.join(", ") },
            { label: "Catalogue", value: view.catalogue },
          ]}
        />
      </Section>
      <Section id="models" title="By model" caption="state and the evidence it comes from">
        {view.models.length === 0 ? (
          <p className="small">No classified model is held against it.</p>
        ) : (
          <table className="table top is-cards">
            <thead>
              <tr>
                <th scope="col" className="w-state">State</th>
                <th scope="col">Model</th>
                <th scope="col">Why</th>
                <th scope="col" className="w-side">Evidence</th>
              </tr>
            </thead>
            <tbody>
              {view.models.map((model) => (
                <tr key={model.modelName}>
                  <td className="v-cell"><ControlStatus state={model.state} /></td>
                  <th scope="row" className="wide">
                    <Link href={`/models/${encodeURIComponent(model.modelName)}/versions/${encodeURIComponent(model.versionName)}/assurance`} prefetch={false}>{model.modelName} {model.versionName}</Link>
                  </th>
                  <td className="wide">{model.because}</td>
                  <td data-label="Evidence">
                    <ul className="ev">
                      {model.evidence.map((piece) => (
                        <EvidenceItem key={piece.kind} piece={piece} now={view.asOf} />
                      ))}
                    </ul>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      <Section id="kinds" title="Evidence it takes" caption="all of it must be current">
        <table className="table table-compact top is-cards">
          <thead>
            <tr>
              <th scope="col">Evidence</th>
              <th scope="col">What is checked</th>
              <th scope="col">Made by</th>
              <th scope="col">Fresh</th>
            </tr>
          </thead>
          <tbody>
            {view.kinds.map((kind) => (
              <tr key={kind.id}>
                <th scope="row">
                  {kind.label}
                  <small>{kind.id}</small>
                </th>
                <td className="wide">{kind.check}</td>
                <td data-label="Made by">{BY[kind.by]}</td>
                <td data-label="Fresh">{kind.freshness}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      {view.mayDecide && view.models.length > 0 ? (
        <div className="assurance-acts">
          <Section id="decide" title="Sign a decision" caption="for one model, with a reason and an end">
            <DecideControlForm controlId={control.id} models={view.models.map(({ modelName }) => modelName)} />
          </Section>
        </div>
      ) : null}
    </>
  );
}
