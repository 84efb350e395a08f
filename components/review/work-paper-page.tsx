"use client";

import Link from "next/link";
import { formatNumber } from "#lib/client/format-number.ts";
import type { WorkPaperView } from "#lib/contracts/review-api.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { usePost } from "../shell/use-post.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { FindingsSection } from "./review-list-page.tsx";

/** One sample: what follows from it, each item with what was tested, and how to draw it again. */
export function WorkPaperPage({ view }: { view: WorkPaperView }) {
  const { send, pending, problem } = usePost();
  const record = (seq: number, attribute: string, held: boolean) => void send(`/api/v1/audit/work-papers/${String(view.number)}/results`, { results: [{ seq, attribute, held }] });
  return (
    <>
      <Strip crumbs={[{ href: "/audit", label: "Audit" }, { href: "/audit/work-papers", label: "Work papers" }, { label: `Work paper ${String(view.number)}` }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>
            Work paper {view.number}: {view.title}
          </h1>
          <p className="sub">
            {formatNumber(view.drawn)} of {formatNumber(view.population)} entries, drawn by {view.drawnBy} <Instant at={view.drawnAt} now={view.asOf} seconds={false} />. {view.statement}
          </p>
        </div>
      </div>
      <ul>
        {view.conclusions.map((one) => (
          <li key={one.attribute}>
            <b>{one.attribute}</b>: held in {one.held} of {one.tested} tested
            {one.upperBound === null
              ? `, ${String(view.drawn - one.tested)} not tested yet.`
              : `. At most ${formatNumber(one.upperBound)} of the ${formatNumber(view.population)} deviate (one-sided, 95 %).`}
          </li>
        ))}
      </ul>
      <ApiProblemSummary problem={problem} fieldFor={() => null} />
      <Section id="items" title="Items" caption="in the order of the draw">
        <div className="table-wrap">
          <table className="table is-cards">
            <thead>
              <tr>
                <th scope="col">Entry</th>
                {view.attributes.map((attribute) => (
                  <th scope="col" key={attribute}>
                    {attribute}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {view.items.map(({ position, event, results }) => (
                <tr key={event.seq}>
                  <th scope="row" className="wide">
                    <Link href={`/audit/${String(event.seq)}`} prefetch={false}>
                      #{formatNumber(event.seq)}
                    </Link>{" "}
                    {event.label}, {event.actor.name}
                    <small>
                      item {position}, <Instant at={event.occurredAt} now={view.asOf} />, {event.targets[0]?.name ?? ""}
                    </small>
                  </th>
                  {view.attributes.map((attribute) => {
                    const result = results.find((one) => one.attribute === attribute);
                    return (
                      <td key={attribute} className="v-cell" data-label={attribute}>
                        {result === undefined ? null : <Status shape={result.held ? "passed" : "failed"}>{result.held ? "Held" : "Did not hold"}</Status>}
                        {view.mayWrite ? (
                          <span className="chips">
                            <Button small closed={pending} aria-label={`Entry ${String(event.seq)}, ${attribute}: held`} onClick={() => { record(event.seq, attribute, true); }}>
                              Held
                            </Button>
                            <Button small closed={pending} aria-label={`Entry ${String(event.seq)}, ${attribute}: did not hold`} onClick={() => { record(event.seq, attribute, false); }}>
                              Not
                            </Button>
                          </span>
                        ) : null}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <FindingsSection findings={view.findings} now={view.asOf} mayWrite={view.mayWrite} workPaper={view.number} />
      <Section id="again" title="How to draw it again">
        <Facts
          facts={[
            { label: "Seed", value: view.seed },
            { label: "Population", value: `${formatNumber(view.population)} entries below #${formatNumber(view.treeSize)}` },
            { label: "Rule", value: view.algorithm },
          ]}
        />
      </Section>
    </>
  );
}
