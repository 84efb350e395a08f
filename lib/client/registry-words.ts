import { formatWeight } from "#lib/client/format-number.ts";
import type { VersionState } from "#lib/contracts/registry-api.ts";
import type { LivePlace } from "#lib/contracts/views/registry-parts.ts";
import type { ProfileRun } from "#lib/contracts/views/version-view.ts";
import type { Finding } from "#lib/domain/artifact/types.ts";
import type { StatusLabel } from "#lib/domain/release/labels.ts";

/** Words and shapes of the registry, one place for all its screens. */

const versionLabels: Readonly<Record<VersionState, StatusLabel>> = {
  registered: { word: "Being checked", shape: "running" },
  ready: { word: "Ready", shape: "passed" },
  failed: { word: "Failed", shape: "failed" },
  quarantined: { word: "Quarantined", shape: "failed" },
};
export const versionStatus = (state: VersionState): StatusLabel => versionLabels[state];

const profileLabels: Readonly<Record<ProfileRun["state"], StatusLabel>> = {
  waiting: { word: "Waits for a runtime", shape: "scheduled" },
  running: { word: "In the sandbox", shape: "running" },
  ready: { word: "Ready", shape: "passed" },
  failed: { word: "Failed", shape: "failed" },
  quarantined: { word: "Quarantined", shape: "failed" },
  none: { word: "Not run", shape: "no-data" },
};
export const profileStatus = (state: ProfileRun["state"]): StatusLabel => profileLabels[state];

const roleWords = {
  stable: "Stable",
  candidate: "Candidate",
  previous: "Kept to go back to",
  shadow: "Shadow",
} as const satisfies Readonly<Record<LivePlace["role"], string>>;
export const roleWord = (role: LivePlace["role"]): string => roleWords[role];

/** "Live 100 %", "Candidate, 10 %", "Candidate, loading": what a version does in one place. */
export function placeStatus({ role, weightBp }: Pick<LivePlace, "role" | "weightBp">): StatusLabel {
  if (role === "stable") return { word: `Live ${formatWeight(weightBp)}`, shape: "live" };
  if (role === "candidate") {
    return weightBp === 0
      ? { word: "Candidate, no weight yet", shape: "scheduled" }
      : { word: `Candidate ${formatWeight(weightBp)}`, shape: "running" };
  }
  return role === "previous"
    ? { word: "Kept to go back to", shape: "scheduled" }
    : { word: "Shadow", shape: "running" };
}

/** "stable 1.0.0 90 %, candidate 1.1.0 10 %": who gets what by a route table. */
export const armsText = (
  arms: readonly {
    readonly role: LivePlace["role"];
    readonly versionName: string;
    readonly weightBp: number;
  }[],
): string =>
  arms
    .map(({ role, versionName, weightBp }) =>
      role === "previous"
        ? `${versionName} ${roleWord(role).toLowerCase()}`
        : `${roleWord(role).toLowerCase()} ${versionName} ${formatWeight(weightBp)}`,
    )
    .join(", ");

/** The strongest of several places, for a head or a list cell; null when there is none. */
export function strongestPlace(places: readonly LivePlace[]): LivePlace | null {
  const rank = { stable: 0, candidate: 1, shadow: 2, previous: 3 } as const;
  return (
    [...places].sort((a, b) => rank[a.role] - rank[b.role] || b.weightBp - a.weightBp)[0] ?? null
  );
}

const findingLabels: Readonly<Record<Finding["severity"], StatusLabel>> = {
  block: { word: "Stops it", shape: "failed" },
  warn: { word: "Look at it", shape: "undecided" },
  note: { word: "Note", shape: "draft" },
  passed: { word: "Passed", shape: "passed" },
};
export const findingStatus = (severity: Finding["severity"]): StatusLabel =>
  findingLabels[severity];

const verdictLabels = {
  passed: { word: "Passed", shape: "passed" },
  failed: { word: "Failed", shape: "failed" },
  noted: { word: "Noted", shape: "draft" },
} as const satisfies Readonly<Record<string, StatusLabel>>;
export const evidenceStatus = (verdict: keyof typeof verdictLabels): StatusLabel =>
  verdictLabels[verdict];

/** "financial_services" is "Financial services". */
export function spoken(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Paths of our own pages; names may hold plus signs and dots. */
export const modelPath = (model: string): string => `/models/${encodeURIComponent(model)}`;
export const versionPath = (model: string, version: string): string =>
  `${modelPath(model)}/versions/${encodeURIComponent(version)}`;
/** Two versions of a model side by side. */
export const comparePath = (model: string, from: string, to: string): string =>
  `${modelPath(model)}/compare?${new URLSearchParams({ from, to }).toString()}`;
export const scanPath = (model: string, version: string): string =>
  `${versionPath(model, version)}/scan`;
export const endpointPath = (endpoint: string): string =>
  `/endpoints/${encodeURIComponent(endpoint)}`;
