import { formatNumber } from "#lib/client/format-number.ts";
import type { ContractField } from "#lib/domain/contract/types.ts";

/** A number as it was given, with a real minus sign; no digits are added or lost. */
export const plainNumber = (value: number): string => String(value).replace("-", "\u2212");

/** "0 to 1.5 share", "at most 120", "card, instalment_24 and 4 more", "any value". */
export function limitsText(field: ContractField): string {
  const unit = field.unit === null ? "" : `\u00a0${field.unit}`;
  if (field.domain !== null) return domainText(field.domain);
  if (field.range === null) return "any value";
  const { min, max } = field.range;
  if (min === null) return max === null ? "any value" : `at most ${plainNumber(max)}${unit}`;
  if (max === null) return `at least ${plainNumber(min)}${unit}`;
  return `${plainNumber(min)} to ${plainNumber(max)}${unit}`;
}

export function domainText(domain: readonly (string | number)[]): string {
  const shown = domain.slice(0, 4).map(String);
  const more = domain.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${formatNumber(more)} more` : shown.join(", ");
}

/** "impute 0" names the value that comes instead. */
export function ruleText(rule: string, field: ContractField): string {
  return rule === "impute" && field.imputeValue !== null
    ? `impute ${String(field.imputeValue)}`
    : rule;
}
