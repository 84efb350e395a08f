/** Where to go after signing in: a path of this site and nothing else, so that a link cannot send people elsewhere. */
export function ownPath(wanted: string | null): string {
  if (wanted === null || !wanted.startsWith("/") || wanted.startsWith("//") || wanted.includes("\\")) return "/inbox";
  try {
    const url = new URL(wanted, "http://own.invalid");
    return url.host === "own.invalid" ? `${url.pathname}${url.search}${url.hash}` : "/inbox";
  } catch {
    return "/inbox";
  }
}
