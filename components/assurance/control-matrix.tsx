"use client";

import Link from "next/link";
import { useState } from "react";
import { formatCount } from "#lib/client/format-number.ts";
import type { ControlLine, EvidencePiece } from "#lib/contracts/views/assurance-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useOpenForPrint } from "../shell/use-open-for-print.ts";
import { ControlStatus, StateKey, StateMark, stateWord } from "./states.tsx";

const OPEN = new Set(["failed", "stale", "missing"]);
const controlPath = (id: string): string => `/assurance/${id}`;

/** All controls, by the framework they belong to or by the evidence they rest on. */
export function ControlMatrix({ controls, now }: { controls: readonly ControlLine[]; now: string }) {
  const [pivot, setPivot] = useState<"framework" | "evidence">("framework");
  useOpenForPrint();
  return (
    <>
      <div className="tabs" role="tablist" aria-label="Pivot">
        {(["framework", "evidence"] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`pivot-${name}`}
            aria-controls="pivot-panel"
            aria-selected={pivot === name}
            tabIndex={pivot === name ? 0 : -1}
            onClick={() => { setPivot(name); }}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              const next = name === "framework" ? "evidence" : "framework";
              setPivot(next);
              document.getElementById(`pivot-${next}`)?.focus();
            }}
          >
            By {name}
          </button>
        ))}
      </div>
      <StateKey />
      <div role="tabpanel" id="pivot-panel" aria-labelledby={`pivot-${pivot}`}>
        {pivot === "framework" ? <ByFramework controls={controls} now={now} /> : <ByEvidence controls={controls} now={now} />}
      </div>
    </>
  );
}

function ByFramework({ controls, now }: { controls: readonly ControlLine[]; now: string }) {
  const frameworks = [...Map.groupBy(controls, ({ framework }) => framework)];
  return frameworks.map(([framework, own]) => {
    const applicable = own.filter(({ state }) => state !== "not_applicable");
    const aside = own.length - applicable.length;
    const open = own.filter(({ state }) => OPEN.has(state)).length;
    return (
      <details key={framework} className="fold" open={open > 0 && open < 8}>
        <summary>
          <b>{framework}</b>
          <span className="marks">
            {applicable.slice(0, 60).map((line) => (
              <StateMark key={line.id} state={line.state} label={`${line.citation}: ${stateWord(line.state)}`} />
            ))}
          </span>
          <span className="end">
            {open === 0 ? "" : `${String(open)} open, `}
            {formatCount(applicable.length, "control")} apply, {aside} not applicable
          </span>
        </summary>
        <ControlTable lines={[...applicable].sort((a, b) => Number(OPEN.has(b.state)) - Number(OPEN.has(a.state)))} now={now} />
        {aside === 0 ? null : (
          <details className="fold">
            <summary>
              <span>{formatCount(aside, "control")} that do not apply, each with its reason</span>
            </summary>
            <ControlTable lines={own.filter(({ state }) => state === "not_applicable")} now={now} bare />
          </details>
        )}
      </details>
    );
  });
}

function ControlTable({ lines, now, bare = false }: { lines: readonly ControlLine[]; now: string; bare?: boolean }) {
  return (
    <table className="table top matrix is-cards">
      <thead>
        <tr>
          <th scope="col" className="w-state">State</th>
          <th scope="col" className="w-side">Control</th>
          <th scope="col">{bare ? "Why it does not apply" : "Duty, in our words"}</th>
          <th scope="col" className="w-due">Force and source</th>
          {bare ? null : <th scope="col" className="w-side">Evidence</th>}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <td className="v-cell"><ControlStatus state={line.state} /></td>
            <th scope="row" className="wide">
              <Link href={controlPath(line.id)} prefetch={false}>{line.title}</Link>
              <small>{line.citation}</small>
            </th>
            <td className="duty wide">
              {bare ? line.because : line.obligation}
              {bare || line.state === "met" ? null : <small>{line.because}</small>}
            </td>
            <td data-label="Force">
              <div>
                {line.force}
                <small>{line.confidence}</small>
              </div>
            </td>
            {bare ? null : (
              <td data-label="Evidence">
                <ul className="ev">
                  {line.evidence.map((one) => (
                    <EvidenceItem key={one.kind} piece={one} now={now} />
                  ))}
                </ul>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function EvidenceItem({ piece, now }: { piece: EvidencePiece; now: string }) {
  return (
    <li>
      <StateMark state={piece.state} />
      <span>
        {piece.label}
        {piece.producedAt === null ? (
          <small>none</small>
        ) : (
          <small>
            <Instant at={piece.producedAt} now={now} seconds={false} /> by {piece.producer}
            {piece.countsUntil === null ? "" : <>, until <Instant at={piece.countsUntil} now={now} seconds={false} /></>}
          </small>
        )}
      </span>
    </li>
  );
}

/** The other way round: each kind of evidence with the controls that rest on it. */
function ByEvidence({ controls, now }: { controls: readonly ControlLine[]; now: string }) {
  const byKind = new Map<string, { piece: EvidencePiece; lines: ControlLine[] }>();
  for (const line of controls) {
    if (line.state === "not_applicable") continue;
    for (const piece of line.evidence) {
      const found = byKind.get(piece.kind) ?? { piece, lines: [] };
      found.lines.push(line);
      byKind.set(piece.kind, found);
    }
  }
  const rows = [...byKind.values()].sort((a, b) => Number(b.piece.state !== "met") - Number(a.piece.state !== "met") || b.lines.length - a.lines.length);
  return (
    <div className="table-wrap">
      <table className="table top matrix is-cards">
        <thead>
          <tr>
            <th scope="col" className="w-state">State</th>
            <th scope="col">Evidence</th>
            <th scope="col">Controls that rest on it</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ piece, lines }) => (
            <tr key={piece.kind}>
              <td className="v-cell"><ControlStatus state={piece.state} /></td>
              <th scope="row" className="wide">
                {piece.label}
                <small>{piece.note}</small>
                {piece.producedAt === null ? null : <small>Made <Instant at={piece.producedAt} now={now} seconds={false} /> by {piece.producer}</small>}
              </th>
              <td className="wide">
                <b>{formatCount(lines.length, "control")}</b>
                <small>
                  {lines.slice(0, 8).map(({ id, citation }, index) => (
                    <span key={id}>
                      {index === 0 ? "" : "; "}
                      <Link href={controlPath(id)} prefetch={false}>{citation}</Link>
                    </span>
                  ))}
                  {lines.length > 8 ? ` and ${String(lines.length - 8)} more` : ""}
                </small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
