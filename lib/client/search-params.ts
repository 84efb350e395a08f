/** One value of a page's query string as Next hands it over: the first, cut to what a filter can be, or null. */
export type PageQuery = Promise<Record<string, string | string[] | undefined>>;

export function oneParam(
  value: string | string[] | undefined,
  mostCharacters = 128,
): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === "" ? null : first.slice(0, mostCharacters);
}

/** A part of a page's path as it was written; what cannot be decoded stays as it is and will name nothing. */
export function pathParam(value: string): string {
  try {
    return decodeURIComponent(value).slice(0, 128);
  } catch {
    return value.slice(0, 128);
  }
}
