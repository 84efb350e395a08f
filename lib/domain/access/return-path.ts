/**
 * Where to go after signing in, from the address bar and so not to be trusted: a path of our own, else the start page.
 * `//host` and `/\host` are other sites to a browser, and so is anything behind a control character that it drops.
 */
export function safeReturnPath(given: string | null | undefined): string {
  if (given === null || given === undefined || given.length > 2000) return "/";
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(given) && !given.includes("\\") ? given : "/";
}
