/** Which words of the release's sentence stand out. The text itself is never changed: joined, the parts are the sentence. */

export type SentencePart = { readonly as: "plain" | "strong" | "cause"; readonly text: string };

/** "Holding at step 3 of 4", "Waiting at the gate of step 2 of 4", "Step 1 of 3". */
const STANDS = /(?:Holding at step|Waiting at the gate of step|Step) \d+ of \d+/;
const FIGURE = /\d[\d,.]*\u00a0?\s?%|[\d,]+ more (?:requests|keys)/g;

/**
 * Strong: the candidate's version, shares, where it stands, and the requests still needed. Cause: from the colon after
 * where it stands to the end of that clause; that is what a hold hangs on.
 */
export function emphasise(
  text: string,
  versionName: string,
  underlineCause: boolean,
): readonly SentencePart[] {
  const stands = STANDS.exec(text);
  if (stands === null) return strong(text, versionName);
  const head = text.slice(0, stands.index);
  const tail = text.slice(stands.index + stands[0].length);
  const parts: SentencePart[] = [...strong(head, versionName), { as: "strong", text: stands[0] }];
  const colon = tail.indexOf(": ");
  const end = colon < 0 ? -1 : tail.slice(colon).search(/[.(]/) + colon;
  if (!underlineCause || colon < 0 || end <= colon + 2)
    return [...parts, ...strong(tail, versionName)];
  const cause = tail.slice(colon + 2, end).trimEnd();
  return [
    ...parts,
    ...strong(tail.slice(0, colon + 2), versionName),
    { as: "cause", text: cause },
    ...strong(tail.slice(colon + 2 + cause.length), versionName),
  ];
}

function strong(text: string, versionName: string): readonly SentencePart[] {
  const marks = [...text.matchAll(FIGURE)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
  }));
  const at = text.indexOf(` ${versionName} `);
  if (at >= 0) marks.push({ from: at + 1, to: at + 1 + versionName.length });
  marks.sort((a, b) => a.from - b.from);
  const parts: SentencePart[] = [];
  let from = 0;
  for (const mark of marks) {
    if (mark.from < from) continue;
    if (mark.from > from) parts.push({ as: "plain", text: text.slice(from, mark.from) });
    parts.push({ as: "strong", text: text.slice(mark.from, mark.to) });
    from = mark.to;
  }
  if (from < text.length) parts.push({ as: "plain", text: text.slice(from) });
  return parts;
}
