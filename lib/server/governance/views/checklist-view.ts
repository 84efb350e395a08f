import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { formatCount } from "#lib/domain/release/wording.ts";
import type { Requirement } from "../../releases/open-requirements.ts";

const isSettled = ({ state }: Requirement): boolean => state === "met" || state === "waived" || state === "not_applicable";

function noteOf(items: readonly Requirement[]): string {
  const open = items.filter((item) => !isSettled(item)).length;
  const waived = items.filter(({ state }) => state === "waived").length;
  const parts = [open === 0 ? "" : `${open} open`, waived === 0 ? "" : `${waived} waived`].filter((part) => part !== "");
  return parts.length === 0 ? `${formatCount(items.length)} in order` : parts.join(", ");
}

/** What an environment asks for, by phase, as a page shows it. A waived item is named as such and never counted as met. */
export function checklistView(requirements: readonly Requirement[]): ReleaseView["checklist"] {
  const phases = [...Map.groupBy(requirements, ({ phase }) => phase)].map(([phase, items]) => ({
    phase,
    met: items.filter(({ state }) => state === "met").length,
    total: items.length,
    note: noteOf(items),
    items: items.map(({ kind, title, state, note, evidenceIds }) => ({ code: kind, title: /^[A-Z]{3}-/.test(kind) ? `${kind} ${title}` : title, state, note, evidenceIds: [...evidenceIds] })),
  }));
  return { met: requirements.filter(({ state }) => state === "met").length, total: requirements.length, phases };
}
