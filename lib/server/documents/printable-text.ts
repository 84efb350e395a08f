/** What the standard fonts of a PDF have no glyph for, in letters they have. Anything else outside Latin-1 becomes a question mark, never a wrong letter. */
const REPLACED: Readonly<Record<string, string>> = { "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "≤": "<=", "≥": ">=", "→": "->", "\u00A0": " ", "\u202F": " ", "−": "-" };

export const printableText = (text: string): string =>
  text.replaceAll(/[^\n\u0020-\u007e\u00a1-\u00ff]/g, (letter) => REPLACED[letter] ?? (letter === "\t" ? " " : "?"));
