import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import type { FrameworkView } from "#lib/contracts/views/assurance-view.ts";
import { Strip } from "../shell/strip.tsx";
import { Section } from "../ui/section.tsx";
import { StateKey, StateMark, stateWord } from "./states.tsx";

const PHASE_WORDS: Readonly<Record<string, string>> = { "pre-deployment": "Before deployment", infrastructure: "Infrastructure", release: "Release", "post-deployment": "After deployment", governance: "Governance" };

/** One framework: its controls against the classified models. */
export function FrameworkPage({ view }: { view: FrameworkView }) {
  const phases = [...Map.groupBy(view.controls, ({ phase }) => phase)];
  const open = view.models.filter(({ counts }) => counts.failed + counts.stale + counts.missing > 0).length;
  return (
    <>
      <Strip crumbs={[{ href: "/assurance", label: "Assurance" }, { label: view.name }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>{view.name}</h1>
          <p className="sub">
            {view.standing}. {view.body}. {formatCount(view.controls.length, "control")} in catalogue {view.catalogue}.
          </p>
        </div>
        <div className="page-say">
          <p className="verdict">
            {view.models.length === 0
              ? "No classified model is held against it."
              : `${formatCount(open, "model")} of ${String(view.models.length)} ${open === 1 ? "has" : "have"} something open here.`}
            {view.unclassified.length === 0 ? "" : ` Not classified: ${view.unclassified.join(", ")}.`}
          </p>
        </div>
      </div>
      {view.models.length === 0 ? null : (
        <Section id="models" title="Models" caption="met of applicable" bare>
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className="num">Met of applicable</th>
                <th scope="col" className="num">Waived</th>
                <th scope="col" className="num">Open</th>
                <th scope="col" className="num">Upcoming</th>
                <th scope="col" className="num">Not applicable</th>
              </tr>
            </thead>
            <tbody>
              {view.models.map(({ modelName, versionName, counts }) => (
                <tr key={modelName}>
                  <th scope="row" className="first-th">
                    <Link href={`/models/${encodeURIComponent(modelName)}/versions/${encodeURIComponent(versionName)}/assurance`} prefetch={false}>{modelName} {versionName}</Link>
                  </th>
                  <td className="num" data-label="Met of applicable">{counts.met} of {counts.applicable}</td>
                  <td className="num" data-label="Waived">{counts.waived}</td>
                  <td className="num" data-label="Open">{counts.failed + counts.stale + counts.missing}</td>
                  <td className="num" data-label="Upcoming">{counts.upcoming}</td>
                  <td className="num" data-label="Not applicable">{counts.not_applicable}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Section id="controls" title="Controls" caption="each with its state for every classified model">
        <StateKey />
        {phases.map(([phase, controls]) => (
          <div key={phase} className="table-wrap" tabIndex={0} role="region" aria-label={PHASE_WORDS[phase] ?? phase}>
            <table className="table table-compact top grid-marks">
              <caption>{PHASE_WORDS[phase] ?? phase}</caption>
              <thead>
                <tr>
                  <th scope="col">Control</th>
                  <th scope="col">Force</th>
                  {view.models.map(({ modelName }) => (
                    <th key={modelName} scope="col">{modelName}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {controls.map((control) => (
                  <tr key={control.id}>
                    <th scope="row">
                      <Link href={`/assurance/${control.id}`} prefetch={false}>{control.title}</Link>
                      <small>{control.citation}</small>
                    </th>
                    <td>{control.force}</td>
                    {control.states.map(({ modelName, state, because }) => (
                      <td key={modelName} title={because}>
                        <StateMark state={state} label="" /> {stateWord(state)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </Section>
      {view.dates.length === 0 ? null : (
        <Section id="dates" title="Dates" caption="as first enacted and as they stand">
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">First enacted</th>
                <th scope="col">Now</th>
              </tr>
            </thead>
            <tbody>
              {view.dates.map(({ event, original, current }) => (
                <tr key={event}>
                  <th scope="row">{event}</th>
                  <td data-label="First enacted">{original ?? "added later"}</td>
                  <td data-label="Now">{original === current ? current : <b>{current}</b>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      {view.penalties.length === 0 ? null : (
        <Section id="penalties" title="Penalties, at most" caption="Art. 99 and 101; the higher of the two, the lower for small firms">
          <ul>
            {view.penalties.map(({ breach, fixedEUR, turnoverPct }) => (
              <li key={breach}>
                {breach}: EUR {fixedEUR.toLocaleString("en-GB")} or {turnoverPct} % of turnover
              </li>
            ))}
          </ul>
        </Section>
      )}
      {view.crosswalk.length === 0 ? null : (
        <Section id="crosswalk" title="From SR 11-7 to SR 26-2" caption="SR 11-7 was rescinded on 17 April 2026">
          <table className="table table-compact top is-cards">
            <thead>
              <tr>
                <th scope="col">SR 11-7</th>
                <th scope="col">SR 26-2</th>
                <th scope="col">What changed</th>
              </tr>
            </thead>
            <tbody>
              {view.crosswalk.map(({ legacy, title, successors, note }) => (
                <tr key={legacy}>
                  <th scope="row"><Link href={`/assurance/${legacy}`} prefetch={false}>{title}</Link></th>
                  <td data-label="SR 26-2">
                    <div>
                      {successors.length === 0 ? "no counterpart" : successors.map(({ id, title: name }, index) => (
                        <span key={id}>
                          {index === 0 ? "" : "; "}
                          <Link href={`/assurance/${id}`} prefetch={false}>{name}</Link>
                        </span>
                      ))}
                    </div>
                  </td>
                  <td className="wide">{note ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
    </>
  );
}
