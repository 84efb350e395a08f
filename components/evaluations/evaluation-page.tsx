"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { csvText, downloadText } from "#lib/client/csv.ts";
import { evaluationQuery, evaluationsPath, evaluationStatus } from "#lib/client/evaluation-queries.ts";
import { formatBytes, formatMs, formatNumber, formatShare } from "#lib/client/format-number.ts";
import { modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { EvaluationReport } from "#lib/contracts/evaluation.ts";
import type { EvaluationView } from "#lib/contracts/views/evaluation-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { CalibrationFigure } from "./calibration-figure.tsx";
import { ConfusionTable, FigureTable, SliceTable } from "./evaluation-tables.tsx";

/** One evaluation: the sentence first, then every figure with its interval, slices, calibration, and what it was made from. */
export function EvaluationPage({ initial }: { initial: EvaluationView }) {
  const { data: view } = useQuery({ ...evaluationQuery(initial.row.number), initialData: initial });
  const now = useServerNow(view.asOf);
  const { report, row } = view;
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: modelPath(view.modelName), label: view.modelName },
          { href: versionPath(view.modelName, view.versionName), label: view.versionName },
          { href: evaluationsPath(view.modelName, view.versionName), label: "Evaluations" },
          { label: `Evaluation ${String(row.number)}` },
        ]}
        asOf={view.asOf}
      />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} />
      {view.problem === null ? null : (
        <Banner tone={row.state === "failed" ? "failed" : "holding"} mark="warn">
          {view.problem}
        </Banner>
      )}
      {row.finishedAt === null ? (
        <Section id="progress" title="Progress">
          <div className="batch-progress">
            <progress max={row.rowsTotal} value={row.rowsDone} aria-label={`Rows done of evaluation ${String(row.number)}`} />
            <span className="small">
              {formatNumber(row.rowsDone)} of {formatNumber(row.rowsTotal)} rows
            </span>
          </div>
        </Section>
      ) : null}
      {report === null ? null : <ReportSections view={view} report={report} />}
      <Section id="made-from" title="Made from">
        <MadeFrom view={view} now={now} />
      </Section>
    </>
  );
}

function Head({ view }: { view: EvaluationView }) {
  const { row } = view;
  const status = evaluationStatus(row);
  return (
    <div className="page-head">
      <div>
        <h1>
          Evaluation {row.number}{" "}
          <Status shape={status.shape} tint big>
            {status.word}
          </Status>
        </h1>
        <p className="sub">
          of{" "}
          <Link href={versionPath(view.modelName, view.versionName)} prefetch={false}>
            {view.modelName} {view.versionName}
          </Link>
          , asked for by {row.createdBy}
        </p>
      </div>
      <div className="actionbar-wrap no-print">
        <div className="actionbar">
          {row.finishedAt === null ? (
            <ReasonAct variant="danger" label="Cancel" title={`Cancel evaluation ${String(row.number)}`} topics={["model"]} path={`/api/v1/evaluations/${String(row.number)}/cancel`} closedBecause={view.mayCancel.closedBecause}>
              It ends and proves nothing. Another one can be started at any time.
            </ReasonAct>
          ) : null}
          {view.report === null ? null : <CsvButton view={view} report={view.report} />}
        </div>
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
      </div>
    </div>
  );
}

function CsvButton({ view, report }: { view: EvaluationView; report: EvaluationReport }) {
  return (
    <Button
      onClick={() => {
        const rows = [
          ...report.measures.map(({ name, value, low, high, n, method }) => ["", "", name, value, low, high, n, method]),
          ...report.slices.flatMap(({ column, metric, rows: slices }) => slices.map(({ name, value, low, high, n }) => [column, name, metric, value, low, high, n, ""])),
        ];
        downloadText(
          `${view.modelName}-${view.versionName}-evaluation-${String(view.row.number)}.csv`,
          "text/csv;charset=utf-8",
          csvText(["slice_column", "slice", "figure", "value", "low95", "high95", "of", "interval"], rows),
        );
      }}
    >
      Figures as CSV
    </Button>
  );
}

function ReportSections({ view, report }: { view: EvaluationView; report: EvaluationReport }) {
  const { rows, overlap } = report;
  return (
    <>
      <Section id="figures" title="Figures" caption={`${formatNumber(rows.measured)} rows with a true value and an answer`}>
        <FigureTable report={report} thresholds={view.settings.thresholds} />
        {report.notes.map((note) => (
          <p className="small table-foot" key={note}>
            {note}
          </p>
        ))}
      </Section>
      {report.confusion === null ? null : (
        <Section id="confusion" title="Where it is wrong">
          <ConfusionTable confusion={report.confusion} />
        </Section>
      )}
      {report.calibration === null ? null : (
        <Section id="calibration" title="Calibration">
          <CalibrationFigure calibration={report.calibration} />
        </Section>
      )}
      {report.slices.length === 0 ? null : (
        <Section id="slices" title="Slices">
          {report.slices.map((slice) => (
            <SliceTable key={slice.column} slice={slice} gapLimit={view.settings.gapLimit} />
          ))}
        </Section>
      )}
      <Section id="rows" title="Rows">
        <Facts
          facts={[
            { label: "In the file", value: formatNumber(rows.total) },
            { label: "Measured", value: formatNumber(rows.measured) },
            { label: "Without a true value", value: formatNumber(rows.withoutLabel) },
            { label: "Without an answer", value: formatNumber(rows.withoutAnswer) },
            { label: "Same inputs as an earlier row", value: formatNumber(rows.repeated) },
            {
              label: "In the training data too",
              value:
                overlap === null
                  ? "not known: the training rows were not at hand"
                  : `${formatNumber(overlap.sharedRows)} of ${formatNumber(rows.total)} (${formatShare(overlap.sharedRows / Math.max(1, rows.total))}), compared with ${formatNumber(overlap.trainingRows)} training rows; at most ${formatShare(view.settings.overlapLimit)} may be`,
            },
          ]}
        />
      </Section>
    </>
  );
}

function MadeFrom({ view, now }: { view: EvaluationView; now: string }) {
  const { data, settings, row, report } = view;
  return (
    <Facts
      facts={[
        {
          label: "Version",
          value: (
            <>
              {view.modelName} {view.versionName}, <Digest value={view.versionDigest} />
            </>
          ),
        },
        {
          label: "Rows",
          value: (
            <>
              {data.name}, {formatBytes(data.sizeBytes)}, <Digest value={data.digest} /> <CopyButton text={data.digest} what="the digest of the rows" />
            </>
          ),
        },
        { label: "True value in", value: settings.labelColumn },
        { label: "Slices by", value: settings.sliceColumns.length === 0 ? "no column" : settings.sliceColumns.join(", ") },
        { label: "Limits agreed", value: <Instant at={row.createdAt} now={now} /> },
        ...(view.startedAt === null ? [] : [{ label: "Run", value: <Instant at={view.startedAt} now={now} /> }]),
        ...(report === null ? [] : [{ label: "Time in the model", value: formatMs(report.modelUs / 1000) }]),
      ]}
    />
  );
}
