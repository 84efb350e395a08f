/** What a password must be. Length beats composition rules (NIST SP 800-63B); the worst choices are named. */

export const MIN_PASSWORD_CHARS = 12;
export const MAX_PASSWORD_CHARS = 256;

/** Long enough and still the first that are tried. Compared without case, spaces and digits at the end. */
const TOO_COMMON: ReadonlySet<string> = new Set([
  "password", "passwordpassword", "passwort", "passwortpasswort", "qwertyuiop", "qwertyuiopas", "qwertyuiopasdf",
  "asdfghjkl", "asdfghjklqwertyuiop", "zxcvbnm", "letmein", "letmeinletmein", "iloveyou", "iloveyouiloveyou",
  "welcome", "welcomewelcome", "administrator", "adminadmin", "adminadminadmin", "changeme", "changemechangeme",
  "correcthorsebatterystaple", "trustno", "superman", "sunshine", "princess", "football", "baseball", "dragon",
  "monkey", "master", "shadow", "whatever", "qazwsxedc", "qazwsxedcrfv", "abcdefghijkl", "abcdefghijklm", "slipway",
  "slipwayslipway", "secret", "secretsecret", "default", "defaultpassword", "testtesttest", "testpassword",
]);

/** Why it is refused, in a sentence for the person; null when it is good. `own`: their name and e-mail. */
export function passwordProblem(password: string, own: readonly string[]): string | null {
  const length = [...password].length;
  if (length < MIN_PASSWORD_CHARS) return `Use at least ${MIN_PASSWORD_CHARS} characters; this has ${length}.`;
  if (length > MAX_PASSWORD_CHARS) return `Use at most ${MAX_PASSWORD_CHARS} characters.`;
  const plain = password.toLowerCase().replaceAll(/\s/g, "");
  if (new Set(plain).size < 5) return "Use more than a few different characters.";
  if (/^(?:0?123456789|9876543210)/.test(plain)) return "This is one of the first passwords that are tried.";
  if (TOO_COMMON.has(plain.replace(/[\d!.?#*-]+$/, ""))) return "This is one of the first passwords that are tried.";
  const parts = own.flatMap((text) => [text.toLowerCase(), ...text.toLowerCase().split(/[\s@._-]+/)]);
  const rest = parts.filter((part) => part.length >= 3).reduce((left, part) => left.replaceAll(part, ""), plain);
  return rest.replaceAll(/[^\p{L}\p{N}]/gu, "").length < 6 ? "Do not build it from your name or e-mail address." : null;
}
