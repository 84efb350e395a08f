import { formatNumber } from "#lib/client/format-number.ts";

/** "wrongLabelRate" is "Wrong label rate", "recall:defaulted" is "Recall, defaulted": names as training sent them, made readable. */
export function metricTitle(name: string): string {
  const words = name
    .replace(/:/g, ", ")
    .replace(/_/g, " ")
    .replace(
      /([a-z0-9])([A-Z])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    )
    .replace(/\bf1\b/, "F1")
    .replace(/\broc\b/, "ROC");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A figure with the digits that matter: four below 1, fewer above. */
export function metricNumber(value: number): string {
  const size = Math.abs(value);
  return formatNumber(value, size === 0 ? 0 : size < 1 ? 4 : size < 100 ? 2 : 0);
}
