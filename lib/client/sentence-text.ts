import { formatInstant } from "#lib/client/format-time.ts";
import type { Sentence } from "#lib/contracts/views/view-parts.ts";

/** A sentence as plain text in the reader's zone: for titles, announcements and copying. */
export function sentenceText(sentence: Sentence, timeZone: string, now: string): string {
  return sentence
    .map((part) => (part.as === "time" ? formatInstant(part.at, timeZone, now) : part.text))
    .join("");
}
