import { formatDuration } from "#lib/client/format-time.ts";
import { formatNumber, formatShare } from "#lib/client/format-number.ts";
import type { BudgetRow, BurnRow, ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";
import { Status } from "../ui/status.tsx";
import { exactPercent, leftPercent, money, objectiveText, objectiveWords } from "./service-level-words.ts";

function budgetWord({ left, daysLeft }: BudgetRow) {
  if (left === null) return <Status shape="no-data">No requests</Status>;
  if (left < 0) return <Status shape="failed">Overspent</Status>;
  return daysLeft === null ? <Status shape="passed">Kept</Status> : <Status shape="awaiting">Kept, but going</Status>;
}

/** One row an objective: what is asked, what was reached, what is left. */
export function BudgetTable({ view }: { view: ServiceLevelView }) {
  const latencyMs = view.objectives?.latencyMs ?? null;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col">State</th>
            <th scope="col" className="num">Reached</th>
            <th scope="col" className="num">May fail</th>
            <th scope="col" className="num">Failed</th>
            <th scope="col">Budget left</th>
          </tr>
        </thead>
        <tbody>
          {view.budgets.map((budget) => (
            <tr key={budget.objective}>
              <th scope="row" className="first-th">
                {objectiveWords[budget.objective]}
                <small>{objectiveText(budget, latencyMs)}</small>
              </th>
              <td className="v-cell">{budgetWord(budget)}</td>
              <td data-label="Reached" className="num">{budget.attained === null ? <span className="muted">none</span> : exactPercent(budget.attained)}</td>
              <td data-label="May fail" className="num">
                {formatNumber(Math.floor(budget.allowedBad))} of {formatNumber(budget.total)}
              </td>
              <td data-label="Failed" className="num">{formatNumber(budget.bad)}</td>
              <td data-label="Budget left">
                {budget.left === null ? (
                  <span className="muted">unknown</span>
                ) : (
                  <span className="batch-progress">
                    <progress max={1} value={Math.max(0, budget.left)} aria-label={`Budget left: ${objectiveWords[budget.objective]}`} />
                    {leftPercent(budget.left)}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const times = (rate: number | null) => (rate === null ? <span className="muted">no requests</span> : formatNumber(rate, 2));

/** Burn rates over pairs of stretches, each with its limit. */
export function BurnTable({ rows }: { rows: readonly BurnRow[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Objective and stretch</th>
            <th scope="col">State</th>
            <th scope="col" className="num">Long</th>
            <th scope="col" className="num">Short</th>
            <th scope="col" className="num">Limit</th>
            <th scope="col">Tells by</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.objective} ${String(row.longSeconds)}`}>
              <th scope="row" className="first-th">
                {objectiveWords[row.objective]}
                <small>
                  {formatDuration(row.longSeconds)} and {formatDuration(row.shortSeconds)}; {leftPercent(row.budgetShare)} of the budget in {formatDuration(row.longSeconds)}
                </small>
              </th>
              <td className="v-cell">
                {row.long === null || row.short === null ? <Status shape="no-data">No requests</Status> : row.isPast ? <Status shape="failed">Past limit</Status> : <Status shape="passed">Within limit</Status>}
              </td>
              <td data-label="Long" className="num">{times(row.long)}</td>
              <td data-label="Short" className="num">{times(row.short)}</td>
              <td data-label="Limit" className="num">{formatNumber(row.limit, 2)}</td>
              <td data-label="Tells by">{row.severity}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Capacity = NonNullable<ServiceLevelView["capacity"]>;

/** Numbers of fewest replicas beside each other: availability on one side, cost on the other. */
export function CapacityTable({ capacity, prices }: { capacity: Capacity; prices: ServiceLevelView["prices"] }) {
  const { assumed } = capacity;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          Worked out from {formatNumber(capacity.requests)} requests over {formatDuration(capacity.hours * 3600)}, by five minutes, as an autoscaler would: at most {assumed.maxReplicas}, aiming at {leftPercent(assumed.targetUtilisation)} busy, fewer after {formatDuration(assumed.scaleDownAfterSeconds)}.
          {capacity.isStored ? "" : " These thresholds are assumed; none are stored."} Work is the time that requests spent in the model; bursts within five minutes are not seen.
        </caption>
        <thead>
          <tr>
            <th scope="col">At the least</th>
            <th scope="col" className="num">Requests while too few</th>
            <th scope="col" className="num">Time in which none may be lost</th>
            <th scope="col" className="num">At the most</th>
            <th scope="col" className="num">Replica hours</th>
            {prices === null ? null : (
              <>
                <th scope="col" className="num">A month</th>
                <th scope="col" className="num">1,000 predictions</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {capacity.rows.map((row) => (
            <tr key={row.minReplicas}>
              <th scope="row" className="first-th">
                {row.minReplicas}
                {row.isInForce ? <small>stored</small> : null}
              </th>
              <td data-label="Requests while too few" className="num">{row.saturatedShare === null ? <span className="muted">none came</span> : formatShare(row.saturatedShare)}</td>
              <td data-label="Time in which none may be lost" className="num">{formatShare(row.fragileShare)}</td>
              <td data-label="At the most" className="num">{row.peakReplicas}</td>
              <td data-label="Replica hours" className="num">{formatNumber(row.replicaHours, 1)}</td>
              {prices === null ? null : (
                <>
                  <td data-label="A month" className="num">{row.costPerMonth === null ? <span className="muted">none</span> : money(row.costPerMonth, prices.currency)}</td>
                  <td data-label="1,000 predictions" className="num">{row.costPerThousand === null ? <span className="muted">none came</span> : money(row.costPerThousand, prices.currency)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {prices === null ? <p className="caption">Enter prices below to see what each costs.</p> : null}
    </div>
  );
}
