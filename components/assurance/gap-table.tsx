import { formatCount } from "#lib/client/format-number.ts";
import type { GapLine } from "#lib/contracts/views/assurance-view.ts";
import { Instant } from "../shell/instant.tsx";
import { ControlStatus } from "./states.tsx";

const NAMED = 3;
const MADE_BY = { slipway: "Slipway itself", either: "a pipeline or a person", person: "a person" } as const;

function holds({ citations, law }: GapLine) {
  const more = citations.length - NAMED;
  return (
    <>
      <b>{formatCount(citations.length, "control")}</b>
      {law === 0 ? null : `, ${String(law)} of law`}
      <small>
        {citations.slice(0, NAMED).join("; ")}
        {more > 0 ? ` and ${String(more)} more` : ""}
      </small>
    </>
  );
}

/** Evidence that holds controls open: failed first, then what ran out, then what is missing. */
export function GapTable({ gaps, now, compact = false }: { gaps: readonly GapLine[]; now: string; compact?: boolean }) {
  if (gaps.length === 0) return <p className="small">No applicable control is open.</p>;
  return (
    <div className="table-wrap">
      <table className={`table top is-cards${compact ? " table-compact" : ""}`}>
        <thead>
          <tr>
            <th scope="col" className="w-state">State</th>
            <th scope="col">Evidence and what is known</th>
            <th scope="col" className="w-side">Holds open</th>
            {compact ? null : <th scope="col" className="w-due">Made by</th>}
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr key={gap.kind}>
              <td className="v-cell">
                <ControlStatus state={gap.state} />
              </td>
              <th scope="row" className="wide">
                {gap.label}
                <small>
                  {gap.note}
                  {gap.state === "stale" && gap.countsUntil !== null ? (
                    <>
                      {" "}
                      Until <Instant at={gap.countsUntil} now={now} seconds={false} />.
                    </>
                  ) : null}
                </small>
              </th>
              <td data-label="Holds open">
                <div>{holds(gap)}</div>
              </td>
              {compact ? null : <td data-label="Made by">{MADE_BY[gap.by]}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
