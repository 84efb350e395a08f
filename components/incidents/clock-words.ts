import { formatDuration, secondsBetween } from "#lib/client/format-time.ts";
import type { ClockView } from "#lib/contracts/incident-api.ts";
import type { Severity } from "#lib/domain/incident/harm.ts";
import type { IncidentState } from "#lib/domain/incident/incident.ts";
import type { StatusShape } from "../ui/mark.tsx";

const clockWords = {
  running: { shape: "scheduled", word: "Running" },
  overdue: { shape: "failed", word: "Overdue" },
  met: { shape: "passed", word: "Report sent" },
  met_late: { shape: "holding", word: "Sent late" },
  informational: { shape: "draft", word: "For information" },
} as const satisfies Record<ClockView["state"], { shape: StatusShape; word: string }>;

export const stateShapes = {
  open: "awaiting",
  contained: "holding",
  resolved: "running",
  closed: "passed",
} as const satisfies Record<IncidentState, StatusShape>;

export const severityShapes = { critical: "failed", major: "holding", minor: "draft" } as const satisfies Record<Severity, StatusShape>;

/** "immediately" has no hour to print; every other clock has. */
export const isAtOnce = (clock: ClockView): boolean => clock.length === "immediately";

/** The state in shape and word. What is asked for at once is owed from the first moment and has no hour at which it would become late. */
export const clockStatus = (clock: ClockView): { readonly shape: StatusShape; readonly word: string } =>
  isAtOnce(clock) && clock.state === "running" ? { shape: "awaiting", word: "Owed at once" } : clockWords[clock.state];

/** How long a duty without a number has been known, or took until its report left. */
export const timeSinceAwareness = (clock: ClockView, now: string): string =>
  clock.metAt === null ? `known for ${formatDuration(secondsBetween(clock.endsAt, now))}` : `sent ${formatDuration(secondsBetween(clock.endsAt, clock.metAt))} after it was known`;
