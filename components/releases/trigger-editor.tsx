"use client";

import type { ApiProblem } from "#lib/client/api-client.ts";
import { LOW_IS_BAD, TRIGGER_METRICS, type Trigger, type TriggerMetric } from "#lib/domain/release/plan-parts.ts";
import { TRIGGER_NAMES, triggerText } from "#lib/domain/release/strategy-words.ts";
import { Button } from "../ui/button.tsx";
import { FieldError } from "../ui/field.tsx";
import { NumberCell } from "./number-cell.tsx";

/** What a new trigger begins with, by metric: a threshold that an honest version seldom passes. */
const FIRST_THRESHOLDS: Readonly<Record<TriggerMetric, number>> = {
  errorRate: 0.05,
  latencyP50Ms: 100,
  latencyP95Ms: 250,
  predictionShift: 0.2,
  featureDrift: 0.3,
  agreement: 0.9,
  meanValue: 0,
};
const PERCENT: readonly TriggerMetric[] = ["errorRate", "agreement"];
const MILLISECONDS: readonly TriggerMetric[] = ["latencyP50Ms", "latencyP95Ms"];
const MOST = 20;

const firstOf = (metric: TriggerMetric): Trigger => ({
  metric,
  threshold: FIRST_THRESHOLDS[metric],
  seconds: 60,
  intervals: 3,
  minRequests: 50,
  action: "roll_back",
});

/** Thresholds as people type them: shares that are spoken of in percent are percent. */
const scaleOf = (metric: TriggerMetric): number => (PERCENT.includes(metric) ? 100 : 1);
const unitOf = (metric: TriggerMetric): string =>
  PERCENT.includes(metric) ? "%" : MILLISECONDS.includes(metric) ? "ms" : "";

export type TriggerEditorProps = {
  readonly triggers: readonly Trigger[];
  readonly onChange: (triggers: readonly Trigger[]) => void;
  readonly problem: ApiProblem | null;
};

/** Rollback triggers of the plan: plain thresholds on the candidate alone, declared before the release and frozen with it. */
export function TriggerEditor({ triggers, onChange, problem }: TriggerEditorProps) {
  const unused = TRIGGER_METRICS.find((metric) => triggers.every((one) => one.metric !== metric));
  const refused = problem?.fields.find(({ pointer }) => pointer.startsWith("/plan/triggers"))?.message;
  return (
    <div id="trigger-editor" tabIndex={-1} className={`field is-wide${refused ? " is-bad" : ""}`}>
      {triggers.length === 0 ? (
        <p className="small">
          No triggers: the guards above decide by comparison with stable. A trigger adds a plain
          threshold on the candidate alone.
        </p>
      ) : (
        <table className="table is-cards plan-table">
          <caption>
            Each fires on that many intervals in a row. The release&apos;s page shows, before anyone
            approves it, how often each would have fired on stable&apos;s own last day.
          </caption>
          <thead>
            <tr>
              <th scope="col">Trigger</th>
              <th scope="col">Threshold</th>
              <th scope="col">Interval, s</th>
              <th scope="col">In a row</th>
              <th scope="col">Least requests</th>
              <th scope="col">Then</th>
              <th scope="col">
                <span className="vh">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {triggers.map((trigger, index) => (
              <TriggerRow
                key={index}
                trigger={trigger}
                place={index + 1}
                onChange={(next) => {
                  onChange(triggers.map((one, at) => (at === index ? next : one)));
                }}
                onRemove={() => {
                  onChange(triggers.filter((_, at) => at !== index));
                }}
              />
            ))}
          </tbody>
        </table>
      )}
      <FieldError id="trigger-editor" error={refused} />
      <div className="chips">
        <Button
          small
          closed={triggers.length >= MOST}
          onClick={() => {
            onChange([...triggers, firstOf(unused ?? "errorRate")]);
          }}
        >
          Add a trigger
        </Button>
      </div>
    </div>
  );
}

type TriggerRowProps = {
  readonly trigger: Trigger;
  readonly place: number;
  readonly onChange: (trigger: Trigger) => void;
  readonly onRemove: () => void;
};

function TriggerRow({ trigger, place, onChange, onRemove }: TriggerRowProps) {
  const { metric } = trigger;
  const scale = scaleOf(metric);
  const side = LOW_IS_BAD.includes(metric) ? "below" : "above";
  const name = `trigger ${String(place)}`;
  return (
    <tr>
      <th scope="row" className="first-th">
        <select
          className="input"
          aria-label={`Metric of ${name}`}
          value={metric}
          onChange={(event) => {
            const next = TRIGGER_METRICS.find((known) => known === event.target.value);
            if (next) onChange({ ...trigger, metric: next, threshold: FIRST_THRESHOLDS[next] });
          }}
        >
          {TRIGGER_METRICS.map((known) => (
            <option key={known} value={known}>
              {TRIGGER_NAMES[known]}
            </option>
          ))}
        </select>
        <small>{triggerText(trigger)}</small>
      </th>
      <td className="nowrap" data-label="Threshold">
        {side}{" "}
        <NumberCell
          label={`Threshold of ${name}${unitOf(metric) === "" ? "" : `, ${unitOf(metric)}`}`}
          value={trigger.threshold * scale}
          step="any"
          min={metric === "meanValue" ? -1e12 : 0}
          max={metric === "meanValue" ? 1e12 : MILLISECONDS.includes(metric) ? 3_600_000 : scale}
          onValue={(value) => {
            onChange({ ...trigger, threshold: value / scale });
          }}
        />{" "}
        {unitOf(metric)}
      </td>
      <td data-label="Interval, s">
        <NumberCell
          label={`Interval of ${name}, seconds`}
          value={trigger.seconds}
          step={10}
          max={3_600}
          onValue={(value) => {
            onChange({ ...trigger, seconds: Math.round(value) });
          }}
        />
      </td>
      <td data-label="In a row">
        <NumberCell
          label={`Intervals in a row of ${name}`}
          value={trigger.intervals}
          step={1}
          max={30}
          onValue={(value) => {
            onChange({ ...trigger, intervals: Math.round(value) });
          }}
        />
      </td>
      <td data-label="Least requests">
        <NumberCell
          label={`Least requests in an interval of ${name}`}
          value={trigger.minRequests}
          step={1}
          max={1_000_000}
          onValue={(value) => {
            onChange({ ...trigger, minRequests: Math.round(value) });
          }}
        />
      </td>
      <td data-label="Then">
        <select
          className="input"
          aria-label={`What ${name} does`}
          value={trigger.action}
          onChange={(event) => {
            onChange({ ...trigger, action: event.target.value === "hold" ? "hold" : "roll_back" });
          }}
        >
          <option value="roll_back">rolls back</option>
          <option value="hold">asks a person</option>
        </select>
      </td>
      <td className="v-cell">
        <Button variant="quiet" small onClick={onRemove}>
          Remove<span className="vh"> {name}</span>
        </Button>
      </td>
    </tr>
  );
}
