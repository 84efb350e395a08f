"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { batchJobQuery } from "#lib/client/batch-queries.ts";
import { batchChangePath, batchShape } from "#lib/client/batch-words.ts";
import { formatBytes, formatCount, formatMs, formatNumber } from "#lib/client/format-number.ts";
import { endpointPath, versionPath } from "#lib/client/registry-words.ts";
import type { BatchJobView } from "#lib/contracts/views/batch-view.ts";
import { BATCH_STATE_LABELS } from "#lib/domain/batch/job-state.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ContractTable, PredictionTable } from "./count-tables.tsx";
import { JobProgress } from "./job-progress.tsx";
import { OutputTable } from "./output-table.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";
import { useAct } from "../shell/use-act.ts";

/** One job: what it does, how far it is, what was counted, and every output of its name with the way back. */
export function BatchJobPage({ initial }: { initial: BatchJobView }) {
  const { data: view } = useQuery({ ...batchJobQuery(initial.job.number), initialData: initial });
  const now = useServerNow(view.asOf);
  const { job } = view;
  const closedBecause = view.mayRun.open ? null : view.mayRun.closedBecause;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: "/batch", label: "Batch jobs" }, { label: `Job ${String(job.number)}` }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} closedBecause={closedBecause} />
      {view.problem === null || job.state === "cancelled" ? null : (
        <Banner tone={job.state === "failed" ? "failed" : "holding"} mark="warn">
          {view.problem}
        </Banner>
      )}
      <section className="section section-first" aria-labelledby="progress">
        <div className="section-head">
          <h2 id="progress">Progress</h2>
          <span className="caption">
            {formatNumber(view.partitionsDone)} of {formatCount(view.partitions, "part")} done
            {view.runtimes === 0 ? "" : `, ${formatCount(view.runtimes, "runtime")} at work`}
          </span>
        </div>
        <JobProgress job={job} />
      </section>
      {job.compareVersionName === null ? (
        <Section id="outputs" title={`Outputs named ${job.outputName}`} caption="kept as they were written">
          {view.outputs.length === 0 ? (
            <p className="small">None yet. The first one becomes current when its job is done.</p>
          ) : (
            <OutputTable rows={view.outputs} closedBecause={closedBecause} now={now} />
          )}
        </Section>
      ) : null}
      <Section id="answers" title="Answers" caption={`${formatNumber(view.report.answered)} answered, ${formatNumber(view.report.failed)} without answer`}>
        <PredictionTable counts={view.report.predictions} />
      </Section>
      <Section id="contract" title="Input contract">
        <ContractTable report={view.report} />
      </Section>
      <Section id="facts" title="Settings">
        <JobFacts view={view} />
      </Section>
    </>
  );
}

function Head({ view, closedBecause }: { view: BatchJobView; closedBecause: string | null }) {
  const act = useAct(["batch"]);
  const { job } = view;
  const at = `/api/v1/batch/jobs/${String(job.number)}`;
  return (
    <div className="page-head">
      <div>
        <h1>
          Job {job.number}{" "}
          <Status shape={batchShape(job.state)} tint big>
            {BATCH_STATE_LABELS[job.state]}
          </Status>
        </h1>
        <p className="sub">
          on{" "}
          <Link href={endpointPath(job.endpointName)} prefetch={false}>
            {job.endpointName}
          </Link>{" "}
          in {job.environmentName}, started by {job.createdBy}
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          {job.state === "running" ? (
            <Button closed={closedBecause !== null || act.pending} onClick={() => void act.send(`${at}/pause`, {})}>
              Pause
            </Button>
          ) : null}
          {job.state === "paused" ? (
            <Button variant="primary" closed={closedBecause !== null || act.pending} onClick={() => void act.send(`${at}/resume`, {})}>
              Resume
            </Button>
          ) : null}
          {job.finishedAt === null ? (
            <ReasonAct variant="danger" label="Cancel the job" title={`Cancel job ${String(job.number)}`} topics={["batch"]} path={`${at}/cancel`} closedBecause={closedBecause}>
              It ends for good and makes no output. The current output stays the one that readers get.
            </ReasonAct>
          ) : null}
          {view.changeNumber === null ? null : (
            <ButtonLink href={batchChangePath(view.changeNumber)} variant="primary">
              {`Open change ${String(view.changeNumber)}`}
            </ButtonLink>
          )}
        </div>
        {closedBecause === null ? null : <p className="caption closed-note">{closedBecause}</p>}
        <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
      </div>
    </div>
  );
}

function JobFacts({ view }: { view: BatchJobView }) {
  const { job, input, report } = view;
  const current = `curl -H "Authorization: Bearer $SLIPWAY_TOKEN" -OJ $SLIPWAY_URL/api/v1/endpoints/${job.endpointName}/outputs/${job.outputName}`;
  return (
    <>
      <Facts
        facts={[
          {
            label: "Version",
            value: (
              <>
                <Link href={versionPath(job.modelName, job.versionName)} prefetch={false}>
                  {job.modelName} {job.versionName}
                </Link>
                {job.compareVersionName === null ? "" : ` compared with ${job.compareVersionName}`}
              </>
            ),
          },
          {
            label: "Input",
            value: (
              <>
                {job.inputName}, {formatBytes(input.sizeBytes)}, {formatCount(input.columns.length, "column")}, <Digest value={input.digest} />{" "}
                <CopyButton text={input.digest} what="the digest of the input" />
              </>
            ),
          },
          { label: "Output", value: `${job.outputName}, ${view.outputFormat}${view.idColumn === null ? "" : `, with ${view.idColumn} as id`}` },
          { label: "Failure limit", value: `${formatNumber(view.failureLimitBp / 100, 2)} % of rows without an answer` },
          { label: "Time in the model", value: report.answered === 0 ? "none yet" : `${formatMs(report.modelUs / 1000)} for ${formatCount(report.answered, "row")}` },
          ...(view.hasErrors
            ? [
                {
                  label: "Rows without answer",
                  value: (
                    <a href={`/api/v1/batch/jobs/${String(job.number)}/errors`} download>
                      Download the side file
                    </a>
                  ),
                },
              ]
            : []),
        ]}
      />
      {job.compareVersionName === null ? <CodeBlock title="Read the current output" code={current} /> : null}
    </>
  );
}
