"use client";

import { type ApiProblem, fieldMessage } from "#lib/client/api-client.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { NewReleaseView, PlanStepDraft } from "#lib/contracts/views/new-release-view.ts";
import { Button } from "../ui/button.tsx";
import { FieldError } from "../ui/field.tsx";
import { NumberCell } from "./number-cell.tsx";

const advanceWords = {
  "no-harm": "nothing past its limit",
  safe: "all guards proven",
  better: "all guards proven and the outcome better",
  gate: "a person passes the gate",
  time: "time alone",
} as const satisfies Record<PlanStepDraft["advance"], string>;
const advances: readonly PlanStepDraft["advance"][] = ["no-harm", "safe", "gate"];

export type PlanEditorProps = {
  readonly chosen: Pick<
    NonNullable<NewReleaseView["chosen"]>,
    "bakeSeconds" | "requestsPerSecond" | "steps" | "guards"
  >;
  readonly steps: readonly PlanStepDraft[];
  readonly onChange: (steps: readonly PlanStepDraft[]) => void;
  readonly problem: ApiProblem | null;
};

/** The policy's plan, step by step; numbers may be changed within the environment's bounds. Frozen at approval. */
export function PlanEditor({ chosen, steps, onChange, problem }: PlanEditorProps) {
  const set = (index: number, change: Partial<PlanStepDraft>) => {
    onChange(steps.map((step, at) => (at === index ? { ...step, ...change } : step)));
  };
  const planProblem =
    problem?.fields.find(
      ({ pointer }) => pointer.startsWith("/plan") && !pointer.startsWith("/plan/triggers"),
    )?.message ?? fieldMessage(problem, "/plan");
  return (
    <div id="plan-editor" tabIndex={-1} className={`field is-wide${planProblem ? " is-bad" : ""}`}>
      <table className="table is-cards plan-table">
        <caption>
          Then promotion by relabelling and a bake of {formatDuration(chosen.bakeSeconds)}; the
          version that is live now stays loaded until it ends. {estimate(chosen, steps)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Weight, %</th>
            <th scope="col">At least, min</th>
            <th scope="col">Candidate requests</th>
            <th scope="col">Goes on when</th>
            <th scope="col">
              <span className="vh">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step, index) => (
            <tr key={index}>
              <th scope="row" className="first-th nowrap">
                Step {index + 1}
              </th>
              <td data-label="Weight, %">
                <NumberCell
                  label={`Weight of step ${String(index + 1)}, percent`}
                  value={step.weightBp / 100}
                  step={0.01}
                  max={99}
                  onValue={(value) => {
                    set(index, { weightBp: Math.round(value * 100) });
                  }}
                />
              </td>
              <td data-label="At least, min">
                <NumberCell
                  label={`Shortest time of step ${String(index + 1)}, minutes`}
                  value={step.dwellSeconds / 60}
                  step={0.05}
                  max={10_080}
                  onValue={(value) => {
                    set(index, { dwellSeconds: Math.round(value * 60) });
                  }}
                />
              </td>
              <td data-label="Candidate requests">
                <NumberCell
                  label={`Fewest candidate requests in step ${String(index + 1)}`}
                  value={step.minUnits}
                  step={1}
                  max={10_000_000}
                  onValue={(value) => {
                    set(index, { minUnits: Math.round(value) });
                  }}
                />
              </td>
              <td data-label="Goes on when">
                <select
                  className="input"
                  aria-label={`Step ${String(index + 1)} goes on when`}
                  value={step.advance}
                  onChange={(event) => {
                    const advance = advances.find((known) => known === event.target.value);
                    if (advance) set(index, { advance });
                  }}
                >
                  {(advances.includes(step.advance) ? advances : [...advances, step.advance]).map(
                    (advance) => (
                      <option key={advance} value={advance}>
                        {advanceWords[advance]}
                      </option>
                    ),
                  )}
                </select>
              </td>
              <td className="v-cell">
                <Button
                  variant="quiet"
                  small
                  closed={steps.length === 1}
                  onClick={() => {
                    onChange(steps.filter((_, at) => at !== index));
                  }}
                >
                  Remove<span className="vh"> step {index + 1}</span>
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <FieldError id="plan-editor" error={planProblem} />
      <div className="chips">
        <Button
          small
          onClick={() => {
            const last = steps.at(-1);
            if (last)
              onChange([
                ...steps,
                { ...last, weightBp: Math.min(9_900, last.weightBp * 2), advance: "safe" },
              ]);
          }}
        >
          Add a step
        </Button>
        <Button
          small
          onClick={() => {
            onChange(chosen.steps);
          }}
        >
          Back to the policy&apos;s plan
        </Button>
      </div>
      <ul className="plan-guards">
        {chosen.guards.map((guard) => (
          <li key={guard.metric}>
            <b>{guard.name}</b> {guard.text}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The shortest the plan can take: dwell, or the requests at today's rate, whichever is longer in each step. */
function estimate(chosen: PlanEditorProps["chosen"], steps: readonly PlanStepDraft[]): string {
  const rate = chosen.requestsPerSecond;
  if (rate === null || rate <= 0)
    return "Nothing has been served here in the last 10 min, so no time can be told.";
  const seconds = steps.reduce((sum, step) => {
    const flow = (rate * step.weightBp) / 10_000;
    return sum + Math.max(step.dwellSeconds, flow > 0 ? step.minUnits / flow : Infinity);
  }, 0);
  if (!Number.isFinite(seconds)) return "A step with weight 0 never gets its requests.";
  return `At ${formatNumber(rate, rate < 10 ? 1 : 0)} requests/s the steps take at least ${formatDuration(seconds)}; proof may take longer.`;
}
