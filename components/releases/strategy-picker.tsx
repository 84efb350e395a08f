"use client";

import type { StrategyChoice } from "#lib/contracts/views/new-release-view.ts";

type Props = {
  readonly strategies: readonly StrategyChoice[];
  readonly value: StrategyChoice["name"];
  readonly onChange: (strategy: StrategyChoice) => void;
};

/** How the version goes live: each way with what it does to callers and how one goes back from it. */
export function StrategyPicker({ strategies, value, onChange }: Props) {
  return (
    <fieldset className="strategies">
      <legend>Strategy</legend>
      {strategies.map((strategy) => {
        const { name, label, explanation, wayBack, closedBecause } = strategy;
        return (
          <label key={name} className={closedBecause === null ? "strategy" : "strategy is-closed"}>
            <input
              type="radio"
              name="strategy"
              value={name}
              checked={name === value}
              disabled={closedBecause !== null}
              onChange={() => {
                onChange(strategy);
              }}
            />
            <span>
              <b>{label}</b> {explanation} <span className="muted">Going back: {wayBack}</span>
              {closedBecause === null ? null : <span className="muted"> {closedBecause}</span>}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
