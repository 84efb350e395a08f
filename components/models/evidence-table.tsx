"use client";

import { evidenceStatus } from "#lib/client/registry-words.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Digest } from "../ui/digest.tsx";
import { Status } from "../ui/status.tsx";

/** Every fact about the version's digest: who made it from what, and until when it counts. */
export function EvidenceTable({
  evidence,
  now,
}: {
  evidence: VersionView["evidence"];
  now: string;
}) {
  if (evidence.length === 0) return <p className="small">Nothing is known of it yet.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          Newest first; of a kind the newest counts. The hash is that of what the fact was made
          from.
        </caption>
        <thead>
          <tr>
            <th scope="col">Fact</th>
            <th scope="col">Verdict</th>
            <th scope="col">What it says</th>
            <th scope="col">Made by</th>
            <th scope="col">From</th>
            <th scope="col">Made</th>
            <th scope="col">Counts until</th>
          </tr>
        </thead>
        <tbody>
          {evidence.map((fact) => {
            const status = evidenceStatus(fact.verdict);
            return (
              <tr key={fact.evidenceId} className={fact.superseded ? "is-superseded" : undefined}>
                <th scope="row" className="first-th">
                  {fact.title}
                </th>
                <td className="v-cell">
                  <Status shape={fact.superseded ? "retired" : status.shape}>
                    {status.word}
                    {fact.superseded ? ", superseded" : ""}
                  </Status>
                </td>
                <td className="wide evidence-say">{fact.summary}</td>
                <td data-label="Made by">
                  <span>
                    {fact.producer}
                    <small>{fact.producerVersion}</small>
                  </span>
                </td>
                <td data-label="From">
                  <Digest value={fact.inputsHash} />
                </td>
                <td data-label="Made" className="nowrap">
                  <Instant at={fact.producedAt} now={now} seconds={false} />
                </td>
                <td data-label="Counts until" className="nowrap">
                  {fact.expiresAt === null ? (
                    <span className="muted">no end</span>
                  ) : fact.expiresAt < now ? (
                    <b>
                      over since <Instant at={fact.expiresAt} now={now} seconds={false} />
                    </b>
                  ) : (
                    <Instant at={fact.expiresAt} now={now} seconds={false} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
