"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { z } from "zod";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { FindingView, ReviewListView } from "#lib/contracts/review-api.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";
import { usePost } from "../shell/use-post.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

/** Samples that were drawn and tested, and what was found. */
export function ReviewListPage({ view }: { view: ReviewListView }) {
  const open = view.findings.filter(({ state }) => state === "open").length;
  return (
    <>
      <Strip crumbs={[{ href: "/audit", label: "Audit" }, { label: "Work papers" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Work papers and findings</h1>
          <p className="sub">
            {formatCount(view.workPapers.length, "work paper")}, {formatCount(open, "finding")} open. A sample is drawn by a stated rule from a seed, so anyone draws the same one.
          </p>
        </div>
      </div>
      <Section id="papers" title="Work papers">
        {view.workPapers.length === 0 ? (
          <p className="small">No sample has been drawn yet.</p>
        ) : (
          <div className="table-wrap">
            <table className="table is-cards">
              <thead>
                <tr>
                  <th scope="col">Work paper</th>
                  <th scope="col">Population</th>
                  <th scope="col">Tested</th>
                  <th scope="col">Exceptions</th>
                  <th scope="col">Drawn</th>
                </tr>
              </thead>
              <tbody>
                {view.workPapers.map((paper) => (
                  <tr key={paper.number}>
                    <th scope="row" className="wide">
                      <Link href={`/audit/work-papers/${String(paper.number)}`} prefetch={false}>
                        {paper.number}. {paper.title}
                      </Link>
                      <small>{paper.statement}</small>
                    </th>
                    <td data-label="Population">
                      {formatNumber(paper.drawn)} of {formatNumber(paper.population)}
                      <small>seed {paper.seed}</small>
                    </td>
                    <td data-label="Tested">
                      {paper.tested} of {paper.drawn}
                    </td>
                    <td className="v-cell">
                      <Status shape={paper.exceptions > 0 ? "failed" : paper.tested === paper.drawn ? "passed" : "draft"}>{paper.exceptions === 0 ? "None" : String(paper.exceptions)}</Status>
                    </td>
                    <td data-label="Drawn" className="nowrap">
                      <Instant at={paper.drawnAt} now={view.asOf} seconds={false} />
                      <small>{paper.drawnBy}</small>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {view.mayWrite ? <DrawForm /> : <p className="caption closed-note">Auditors, compliance and validators draw samples.</p>}
      </Section>
      <FindingsSection findings={view.findings} now={view.asOf} mayWrite={view.mayWrite} workPaper={null} />
    </>
  );
}

const made = z.object({ number: z.number() });

function DrawForm() {
  const router = useRouter();
  const { send, pending, problem } = usePost();
  const [values, setValues] = useState({ title: "", action: "", model: "", count: "25", seed: "", attributes: "Approved before first traffic\nApprover is not the author\nReason is given" });
  const input = (name: keyof typeof values, label: string, hint?: string) => (
    <Field id={`draw-${name}`} label={label} hint={hint}>
      <TextInput
        id={`draw-${name}`}
        hinted={hint !== undefined}
        autoComplete="off"
        value={values[name]}
        onChange={(event) => {
          setValues((before) => ({ ...before, [name]: event.target.value }));
        }}
      />
    </Field>
  );
  const draw = async () => {
    const { title, action, model, count, seed, attributes } = values;
    const answer = await send("/api/v1/audit/work-papers", {
      title,
      seed,
      count: Number(count),
      filter: { ...(action === "" ? {} : { action }), ...(model === "" ? {} : { model }) },
      attributes: attributes.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
    });
    if (answer !== undefined) router.push(`/audit/work-papers/${String(made.parse(answer).number)}`);
  };
  return (
    <details className="field-more">
      <summary>Draw a sample</summary>
      <form
        className="record-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void draw();
        }}
      >
        <ApiProblemSummary problem={problem} fieldFor={(pointer) => `draw-${pointer.split("/").at(-1) ?? ""}`} />
        {input("title", "Title")}
        {input("action", "Action", "One action such as release.approved, or a subject such as release; empty for all.")}
        {input("model", "Model", "Empty for all.")}
        {input("count", "How many")}
        {input("seed", "Seed", "Any text, such as the date and the quarter; write it in your plan before you draw.")}
        <Field id="draw-attributes" label="What is tested, one a line" wide>
          <TextArea
            id="draw-attributes"
            rows={4}
            value={values.attributes}
            onChange={(event) => {
              setValues((before) => ({ ...before, attributes: event.target.value }));
            }}
          />
        </Field>
        <div className="chips">
          <Button type="submit" variant="primary" closed={pending}>
            {pending ? "Drawing" : "Draw and keep"}
          </Button>
        </div>
      </form>
    </details>
  );
}

const severityShapes = { high: "failed", medium: "holding", low: "draft" } as const;

export function FindingsSection({ findings, now, mayWrite, workPaper }: { findings: readonly FindingView[]; now: string; mayWrite: boolean; workPaper: number | null }) {
  return (
    <Section id="findings" title="Findings" caption={findings.length === 0 ? "none" : undefined}>
      {findings.map((finding) => (
        <details className="field-more" key={finding.number} open={finding.state === "open"}>
          <summary>
            {finding.number}. {finding.title} <Status shape={finding.state === "closed" ? "passed" : severityShapes[finding.severity]}>{finding.state === "closed" ? "Closed" : `Open, ${finding.severity}`}</Status>
          </summary>
          <p className="card-text">{finding.text}</p>
          <p className="caption">
            Raised by {finding.raisedBy}, <Instant at={finding.raisedAt} now={now} seconds={false} />
            {finding.workPaper === null ? "" : `, work paper ${String(finding.workPaper)}`}
            {finding.seq === null ? null : (
              <>
                , about <Link href={`/audit/${String(finding.seq)}`}>entry #{formatNumber(finding.seq)}</Link>
              </>
            )}
          </p>
          {finding.answer === null ? null : (
            <p>
              {finding.closedBy}: {finding.answer}
            </p>
          )}
          {mayWrite && finding.state === "open" ? (
            <RecordForm
              id={`close-${String(finding.number)}`}
              path={`/api/v1/audit/findings/${String(finding.number)}/close`}
              button="Close the finding"
              busy="Closing"
              variant="plain"
              fields={[{ name: "answer", label: "What was done about it", kind: "area", rows: 2 }]}
            />
          ) : null}
        </details>
      ))}
      {mayWrite ? (
        <details className="field-more">
          <summary>Raise a finding</summary>
          <RecordForm
            id="raise"
            path="/api/v1/audit/findings"
            button="Raise it"
            busy="Raising"
            variant="plain"
            more={{ workPaper }}
            fields={[
              { name: "title", label: "Title", kind: "text" },
              { name: "text", label: "What was found", kind: "area" },
              { name: "severity", label: "Severity", kind: "select", initial: "medium", options: ["high", "medium", "low"].map((value) => ({ value, label: value })) },
            ]}
          />
        </details>
      ) : null}
    </Section>
  );
}
