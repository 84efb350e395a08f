"use client";

import Link from "next/link";
import { armsText } from "#lib/client/registry-words.ts";
import type { RouteRow } from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";

/** Every change of weights with its cause and who ordered it. */
export function RouteTable({ rows, now }: { rows: readonly RouteRow[]; now: string }) {
  if (rows.length === 0) return <p className="small">No traffic was ever routed here.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            <th scope="col">From</th>
            <th scope="col">Who gets what</th>
            <th scope="col">Cause</th>
            <th scope="col">By</th>
            <th scope="col">Release</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.epoch}>
              <th scope="row" className="first-th">
                {row.epoch}
              </th>
              <td className="nowrap" data-label="From">
                <Instant at={row.at} now={now} />
              </td>
              <td className="wide">{armsText(row.arms)}</td>
              <td data-label="Cause">{row.causeText}</td>
              <td data-label="By">{row.by}</td>
              <td data-label="Release">
                {row.releaseNumber === null ? (
                  <span className="muted">none</span>
                ) : (
                  <Link href={`/releases/${String(row.releaseNumber)}`} prefetch={false}>
                    {row.releaseNumber}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
