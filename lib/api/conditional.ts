import { AppError } from "#lib/domain/errors.ts";

/** Strong entity tag of a row version. */
export const etagOf = (rowVersion: number): string => `"${rowVersion}"`;

/**
 * The row version in If-Match; null when the header is absent or `*`. Throws `precondition_required` when it must be there,
 * `malformed_request` when it is not one of our tags.
 */
export function rowVersionOf(header: string | null, isRequired: boolean): number | null {
  if (header === null) {
    if (!isRequired) return null;
    throw new AppError("precondition_required", "Say in If-Match which state you saw.", {
      hint: 'Send the ETag of the answer you decided from, such as If-Match: "7".',
    });
  }
  const text = header.trim();
  if (text === "*" && !isRequired) return null;
  const match = /^"(\d{1,9})"$/.exec(text);
  if (match === null) throw new AppError("malformed_request", 'If-Match must be one ETag of ours, such as "7".');
  return Number(match[1]);
}
