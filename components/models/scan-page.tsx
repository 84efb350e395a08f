"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { scansPath, scansQuery } from "#lib/client/artifact-queries.ts";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { ScanReport } from "#lib/contracts/views/scan-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { FindingsTable } from "./findings-table.tsx";

const verdicts = {
  passed: { shape: "passed", word: "Nothing to look at" },
  review: { shape: "undecided", word: "Needs a review" },
  blocked: { shape: "failed", word: "Blocked" },
} as const;
const causes = { registration: "when it was registered", rules_changed: "because the rules changed", asked: "because somebody asked" } as const;
const importWords = {
  allowed: { shape: "passed", word: "Known, harmless" },
  unknown: { shape: "undecided", word: "Not vouched for" },
  dangerous: { shape: "failed", word: "Runs code" },
} as const;

/** What reading the bytes of a version said, each time it was read. */
export function ScanPage({ initial }: { initial: ScanReport }) {
  const { data } = useQuery({ ...scansQuery(initial.modelName, initial.versionName), initialData: initial });
  const now = useServerNow(data.asOf);
  const [newest, ...older] = data.scans;
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: modelPath(data.modelName), label: data.modelName },
          { href: versionPath(data.modelName, data.versionName), label: data.versionName },
          { label: "Scan report" },
        ]}
        asOf={data.asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            Scan report of {data.modelName} {data.versionName}
          </h1>
          <p className="verdict">{data.say}</p>
          <p className="sub">
            Rules of today: <code>{data.scannerVersion}</code>. When they change, every stored version is read again.
          </p>
        </div>
        <div className="actionbar-wrap no-print">
          <div className="actionbar">
            <ScanAgain report={data} />
          </div>
        </div>
      </div>
      {newest === undefined ? null : (
        <Section
          id="findings"
          title="Findings"
          caption={<>read <Instant at={newest.scannedAt} now={now} seconds={false} /> with {newest.scannerVersion}, never run</>}
        >
          <FindingsTable findings={newest.findings} />
        </Section>
      )}
      {data.imports.length === 0 ? null : <ImportsSection report={data} />}
      <Section id="readings" title="Readings" caption={formatCount(data.scans.length, "reading")}>
        <ReadingsTable scans={newest === undefined ? older : [newest, ...older]} now={now} />
      </Section>
    </>
  );
}

function ScanAgain({ report }: { report: ScanReport }) {
  const client = useQueryClient();
  const scan = useMutation({
    mutationFn: () => postAct(scansPath(report.modelName, report.versionName), {}, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["model", "scans"] }),
  });
  return (
    <>
      <Button
        closed={!report.mayScan || scan.isPending}
        onClick={() => {
          scan.mutate();
        }}
      >
        {scan.isPending ? "Reading" : "Read it again"}
      </Button>
      {scan.error instanceof ApiProblem ? <ApiProblemSummary problem={scan.error} fieldFor={() => null} /> : null}
    </>
  );
}

function ImportsSection({ report }: { report: ScanReport }) {
  return (
    <Section id="imports" title="Imports" caption={`${formatCount(report.imports.length, "import")}: what loading the pickle would use`}>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Import</th>
              <th scope="col" className="n">Times</th>
              <th scope="col">Used as</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {report.imports.map(({ name, verdict, count, isCalled }) => (
              <tr key={name}>
                <th scope="row" className="mono">{name}</th>
                <td className="n">{formatNumber(count)}</td>
                <td>{isCalled ? "called" : "named"}</td>
                <td className="nowrap">
                  <Status shape={importWords[verdict].shape}>{importWords[verdict].word}</Status>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function ReadingsTable({ scans, now }: { scans: ScanReport["scans"]; now: string }) {
  if (scans.length === 0) return <p className="small">It was registered before readings were kept; the next one comes by itself.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Read</th>
            <th scope="col">Rules</th>
            <th scope="col">Why</th>
            <th scope="col">Said</th>
            <th scope="col">New in it</th>
          </tr>
        </thead>
        <tbody>
          {scans.map((scan) => (
            <tr key={scan.scannedAt}>
              <th scope="row" className="nowrap">
                <Instant at={scan.scannedAt} now={now} seconds={false} />
              </th>
              <td className="mono">{scan.scannerVersion}</td>
              <td>{causes[scan.cause]}</td>
              <td className="nowrap">
                <Status shape={verdicts[scan.verdict].shape}>{verdicts[scan.verdict].word}</Status>
              </td>
              <td>{scan.newCodes.length === 0 ? "nothing" : scan.newCodes.join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
