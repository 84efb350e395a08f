import type { SignalRow } from "#lib/contracts/views/monitoring-view.ts";

const listed = (names: readonly string[]): string =>
  names.length <= 1 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

/** The sentence of the page: whether all is well, else what is past its limit, and what cannot be judged and why. */
export function sayMonitoring(versionName: string, signals: readonly SignalRow[]): string {
  const judged = signals.filter(({ enabled, state }) => enabled && state !== null);
  if (judged.length === 0) return `${versionName} has not been evaluated yet: the first window ends within a minute of the first request.`;
  const stale = judged.find(({ state }) => state === "STALE");
  if (stale !== undefined && judged.filter(({ state }) => state === "STALE").length > judged.length / 2) {
    return `Nothing can be said about ${versionName} now. ${stale.sentence}`;
  }
  const firing = judged.filter(({ state }) => state === "FIRING");
  const pending = judged.filter(({ state }) => state === "PENDING");
  const [first] = firing;
  if (first !== undefined) {
    const names = listed(firing.map(({ title }) => title.toLowerCase()));
    return `${versionName} is past ${firing.length === 1 ? "its limit" : "its limits"} for ${names}. ${first.title}: ${first.sentence}.`;
  }
  const [waiting] = pending;
  if (waiting !== undefined) return `${versionName} passed the limit for ${waiting.title.toLowerCase()} in the last window; a second one fires the alert. ${waiting.sentence}.`;
  const blind = judged.filter(({ state }) => state === "INSUFFICIENT");
  const rest = blind.length === 0 ? "" : ` Not judged: ${listed(blind.map(({ title }) => title.toLowerCase()))}.`;
  return `${versionName} is within every limit that could be judged.${rest}`;
}
