import type { DecidedView } from "#lib/contracts/views/release-view.ts";
import { GUARD_LABELS, metricName } from "#lib/domain/release/labels.ts";
import type { VerdictReport } from "#lib/domain/release/verdict.ts";
import { formatList, formatNoun } from "#lib/domain/release/wording.ts";
import type { StoredWindow } from "../../db/window-repository.ts";
import { laterRequests } from "../as-decided.ts";
import type { Observed } from "../observe.ts";

const ENDED: Readonly<Record<string, string>> = {
  ROLLING_BACK: "when the release was rolled back",
  PROMOTING: "when the candidate was promoted",
  ABORTED: "when the release was stopped",
};

/** "error rate would read undecided", for each guard whose word the later windows would change. */
function changedWords(decided: VerdictReport, live: VerdictReport): string[] {
  return decided.guards.flatMap(({ metric, word }) => {
    const now = live.guards.find((guard) => guard.metric === metric);
    if (!now || now.word === word) return [];
    return [`${metricName(metric)} would read ${GUARD_LABELS[now.word].word.toLowerCase()}`];
  });
}

/** Which decision the shown guards belong to, and what came after it. */
export function decidedView({ decided }: Observed): DecidedView | null {
  if (decided === null) return null;
  const { decision, report, counts, live } = decided;
  const requests = laterRequests(counts, live.counts);
  const changed = changedWords(report, live.report);
  const arrived = `${formatNoun(requests, "more request", "more requests")} of the candidate were reported after the decision`;
  const effect = changed.length === 0 ? "no guard would read differently with them" : `with them ${formatList(changed)}`;
  return {
    decisionId: decision.id,
    at: decision.at.toISOString(),
    countsSha256: decision.countsSha256,
    text: `As they stood ${ENDED[decision.toState] ?? "when it was decided"}; what arrived later changes nothing here.`,
    later: requests === 0 && changed.length === 0 ? null : `${arrived}; ${effect}. The decision rests on what was known then.`,
  };
}

/** The windows that a chart of the decided guards may draw: those that had been received by the decision. */
export function windowsDecidedFrom({ decided, windows }: Observed): readonly StoredWindow[] {
  if (decided === null) return windows;
  const untilMs = decided.decision.at.getTime();
  return windows.filter(({ receivedAtMs }) => receivedAtMs <= untilMs);
}
