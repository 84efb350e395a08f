/** Matching of keyboard shortcuts: single keys, "Shift+R", and sequences such as "g i". */

export type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
};

const SEQUENCE_MS = 1200;

/** "g", "?", "Shift+R", "Ctrl+K" (Cmd counts as Ctrl), or null for a bare modifier. */
export function pressName(press: KeyPress): string | null {
  if (["Shift", "Control", "Alt", "Meta"].includes(press.key) || press.altKey) return null;
  const isLetter = /^[a-z]$/i.test(press.key);
  if (press.ctrlKey || press.metaKey)
    return `Ctrl+${isLetter ? press.key.toUpperCase() : press.key}`;
  if (isLetter && press.shiftKey) return `Shift+${press.key.toUpperCase()}`;
  return isLetter ? press.key.toLowerCase() : press.key;
}

export type Sequence = { readonly first: string; readonly atMs: number };

/**
 * Which of the known shortcuts this press completes, and what is begun by it. A begun sequence is forgotten after 1.2 s.
 */
export function matchPress(
  known: readonly string[],
  begun: Sequence | null,
  name: string,
  nowMs: number,
): { readonly hit: string | null; readonly begun: Sequence | null } {
  const live = begun !== null && nowMs - begun.atMs <= SEQUENCE_MS ? begun : null;
  const sequence = live === null ? null : `${live.first} ${name}`;
  if (sequence !== null && known.includes(sequence)) return { hit: sequence, begun: null };
  if (known.includes(name)) return { hit: name, begun: null };
  const begins = known.some((keys) => keys.startsWith(`${name} `));
  return { hit: null, begun: begins ? { first: name, atMs: nowMs } : null };
}

/** Character keys can be switched off (WCAG 2.1.4); those with Ctrl stay. */
export function isCharacterKey(keys: string): boolean {
  return !keys.startsWith("Ctrl+") && keys !== "Escape";
}
