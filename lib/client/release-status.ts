import { GUARD_LABELS, RELEASE_LABELS, type StatusLabel } from "#lib/domain/release/labels.ts";
import type { ReleaseState } from "#lib/domain/release/states.ts";
import type { WaitView } from "#lib/contracts/views/release-view.ts";

/** Shape and word of a release. The vocabulary is the domain's. */
export function releaseStatus(state: ReleaseState): StatusLabel {
  return RELEASE_LABELS[state];
}

/** Shape and word of a guard: where it stands to its limit. */
export function guardStatus(word: keyof typeof GUARD_LABELS): StatusLabel {
  return GUARD_LABELS[word];
}

const endings: Readonly<Record<WaitView["endedBy"], string>> = {
  author: "The author acts next.",
  approver: "A person who may approve acts next.",
  time: "It then goes on by plan; nobody needs to press anything.",
  traffic: "It goes on by plan when the evidence is enough; nobody needs to press anything.",
  labels: "It goes on by plan when enough true labels have come; nobody needs to press anything.",
  runtime: "It goes on by itself when the runtimes answer.",
  engineer: "It waits for a person: resume, promote or roll back.",
  nobody: "",
};

/** What ends the wait, in one sentence for the place beside the buttons. Empty when nothing waits. */
export function waitEnding(wait: WaitView | null): string {
  return wait === null ? "" : endings[wait.endedBy];
}
