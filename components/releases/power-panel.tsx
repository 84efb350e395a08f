"use client";

import { formatNumber } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { StrategyChoice } from "#lib/contracts/views/new-release-view.ts";

/** What the plan can find at the endpoint's own traffic, before anything is started. Planning figures, said as such. */
export function PowerPanel({ strategy }: { strategy: StrategyChoice | null }) {
  if (strategy === null || strategy.guards.length === 0) {
    return (
      <p className="small" id="power">
        Nothing is compared before the switch, so nothing can be found before it either; the bake
        watches against the rates before the release.
      </p>
    );
  }
  const { power } = strategy;
  if (power === null) {
    return (
      <p className="small" id="power">
        How soon harm would be found cannot be told: fewer than 200 requests have been served here.
      </p>
    );
  }
  const { requestsPerSecond, baseRate, detections, safeSeconds } = power;
  return (
    <div id="power">
      <p className="small">
        At {formatNumber(requestsPerSecond, 1)} requests/s and {formatNumber(100 * baseRate, 2)}
        &nbsp;% errors, the endpoint&apos;s own:{" "}
        {safeSeconds === null
          ? "proof of safety cannot be told."
          : `proof of safety takes about ${formatDuration(safeSeconds)}.`}
      </p>
      {baseRate === 0 ? (
        <p className="small">
          Stable has not failed lately, so a multiple of its rate says nothing: any error of the
          candidate counts at once.
        </p>
      ) : (
        <ul className="plan-guards">
          {detections.map(({ ratio, seconds, badAnswers }) => (
            <li key={ratio}>
              <b>{formatNumber(ratio, 0)} times as many errors</b>{" "}
              {seconds === null || badAnswers === null
                ? "would not be found at this traffic."
                : `would be found in about ${formatDuration(seconds)}, after about ${formatNumber(Math.ceil(badAnswers))} bad answers.`}
            </li>
          ))}
        </ul>
      )}
      <p className="small">
        Sooner with a larger first share, more traffic, or a limit farther from what is feared.
      </p>
    </div>
  );
}
