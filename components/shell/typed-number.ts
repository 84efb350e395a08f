/** Numbers as they are typed in settings: an empty field is null, a comma is a point, shares are in percent. */

export const asText = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
export const asPercent = (share: number | null | undefined): string => (share === null || share === undefined ? "" : String(Number((share * 100).toPrecision(10))));
export const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text.replace(",", ".")));

export function shareOf(text: string): number | null {
  const value = numberOf(text);
  return value === null ? null : Number((value / 100).toPrecision(12));
}
