"use client";

import { csvText, downloadText } from "#lib/client/csv.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import type { PairedView } from "#lib/contracts/views/strategy-view.ts";
import { Button } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

const WORDS = {
  SAFE: { shape: "passed", word: "Agreement proven" },
  HARM: { shape: "failed", word: "Proven below the limit" },
  UNDECIDED: { shape: "undecided", word: "Undecided" },
  NO_DATA: { shape: "no-data", word: "No data" },
} as const;

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** What both versions answered to the same requests: agreement with its band, and where they disagree. Counts only. */
export function PairedSection({ release }: { release: ReleaseView }) {
  const { paired, mirroring } = release.byStrategy;
  if (mirroring === null) return null;
  if (paired === null) {
    return (
      <Section id="pairs" title="Paired answers">
        <p className="small">
          {mirroring.comparison
            ? `Nothing has been mirrored yet. ${percent(mirroring.samplingBp / 10_000)} of the requests will be, and ${mirroring.then}.`
            : "This plan mirrors without comparing the answers."}
        </p>
      </Section>
    );
  }
  const { shape, word } = WORDS[paired.word];
  return (
    <Section
      id="pairs"
      title="Paired answers"
      caption={`${percent(mirroring.samplingBp / 10_000)} of requests mirrored; then ${mirroring.then}`}
      end={<Status shape={shape}>{word}</Status>}
    >
      <p className="lede">{paired.summary}</p>
      <AgreementBand paired={paired} />
      <PairedFacts paired={paired} />
      <Disagreements paired={paired} fileStem={`release-${String(release.number)}`} />
      <ScoreDeltas paired={paired} />
    </Section>
  );
}

const BAND_WIDTH = 600;

/** The confidence sequence of the agreement on one line, with its limit; the sentence above says the same. */
function AgreementBand({ paired }: { paired: PairedView }) {
  if (paired.agreement === null) return null;
  const floor = Math.max(0, Math.min(paired.low, paired.minAgreement) - 0.05);
  const x = (share: number) => ((share - floor) / (1 - floor)) * BAND_WIDTH;
  return (
    <svg
      className="agreement-band"
      viewBox={`-4 0 ${String(BAND_WIDTH + 8)} 44`}
      role="img"
      aria-label={`Agreement ${percent(paired.agreement)}, band ${percent(paired.low)} to ${percent(paired.high)}, limit ${percent(paired.minAgreement)}`}
    >
      <line x1={0} x2={BAND_WIDTH} y1={20} y2={20} className="axis" />
      <rect
        x={x(paired.low)}
        width={Math.max(1, x(paired.high) - x(paired.low))}
        y={13}
        height={14}
        className="band"
      />
      <line x1={x(paired.agreement)} x2={x(paired.agreement)} y1={9} y2={31} className="estimate" />
      <line
        x1={x(paired.minAgreement)}
        x2={x(paired.minAgreement)}
        y1={4}
        y2={36}
        className="limit"
      />
      <text x={x(paired.minAgreement)} y={43} textAnchor="middle" className="tick">
        limit {percent(paired.minAgreement)}
      </text>
      <text x={BAND_WIDTH} y={43} textAnchor="end" className="tick">
        100 %
      </text>
    </svg>
  );
}

function PairedFacts({ paired }: { paired: PairedView }) {
  const { latencyMs } = paired;
  const ms = (value: number | null) => (value === null ? "none" : `${formatNumber(value, 2)} ms`);
  const facts: readonly (readonly [string, string])[] = [
    [
      `Distinct ${paired.unitWord}`,
      `${formatNumber(paired.units)} of at least ${formatNumber(paired.need)}`,
    ],
    ["Pairs of answers", formatNumber(paired.compared)],
    [
      "Not mirrored, runtime busy",
      `${formatNumber(paired.dropped)} of ${formatNumber(paired.sampled)} chosen`,
    ],
    ["Challenger alone failed", formatNumber(paired.candidateOnlyFailed)],
    ["Stable alone failed", formatNumber(paired.stableOnlyFailed)],
    ["p50, stable and challenger", `${ms(latencyMs.stableP50)}, ${ms(latencyMs.candidateP50)}`],
    ["p95, stable and challenger", `${ms(latencyMs.stableP95)}, ${ms(latencyMs.candidateP95)}`],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Every pair of classes, disagreements first. */
function Disagreements({ paired, fileStem }: { paired: PairedView; fileStem: string }) {
  const total = paired.classes.reduce((sum, row) => sum + row.pairs, 0);
  if (total === 0) return <p className="small">No answer has named a class yet.</p>;
  return (
    <>
      <div className="table-wrap">
        <table className="table table-compact is-cards" id="disagreements">
          <caption>
            Where the versions disagree: pairs by the class each named, disagreements first. Counts
            only; inputs never leave the runtime.
          </caption>
          <thead>
            <tr>
              <th scope="col">Stable said</th>
              <th scope="col">Challenger said</th>
              <th scope="col" className="n">
                Pairs
              </th>
              <th scope="col" className="n">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {paired.classes.map((row) => {
              const differs = row.stable !== row.candidate;
              return (
                <tr
                  key={`${row.stable} ${row.candidate}`}
                  className={differs ? "is-focus" : undefined}
                >
                  <th scope="row" className="first-th mono">
                    {row.stable}
                  </th>
                  <td className="mono" data-label="Challenger said">
                    {row.candidate}
                    {differs ? null : <small> same</small>}
                  </td>
                  <td className="n" data-label="Pairs">
                    {formatNumber(row.pairs)}
                  </td>
                  <td className="n" data-label="Share">
                    {percent(row.pairs / total, 2)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Button
        small
        onClick={() => {
          const rows = paired.classes.map((row) => [row.stable, row.candidate, String(row.pairs)]);
          downloadText(
            `${fileStem}-pairs.csv`,
            "text/csv;charset=utf-8",
            csvText(["stable", "challenger", "pairs"], rows),
          );
        }}
      >
        CSV<span className="vh"> of the pairs of classes</span>
      </Button>
    </>
  );
}

function ScoreDeltas({ paired }: { paired: PairedView }) {
  const total = paired.scoreDeltas.reduce((sum, row) => sum + row.pairs, 0);
  if (total === 0) return null;
  return (
    <details className="how">
      <summary>How far the scores of a pair lie apart</summary>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Largest difference of a score</th>
              <th scope="col" className="n">
                Pairs
              </th>
              <th scope="col" className="n">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {paired.scoreDeltas.map((row) => (
              <tr key={row.from}>
                <th scope="row" className="first-th">
                  {row.to === null
                    ? `${String(row.from)} and more`
                    : `${String(row.from)} to ${String(row.to)}`}
                </th>
                <td className="n" data-label="Pairs">
                  {formatNumber(row.pairs)}
                </td>
                <td className="n" data-label="Share">
                  {percent(row.pairs / total, 2)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
