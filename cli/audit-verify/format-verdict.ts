import { toBase64, toHex } from "#lib/domain/audit/bytes.ts";
import type { BundleFacts, BundleVerdict } from "#lib/domain/audit/bundle-verdict.ts";

/** What the verifier prints: the verdict first, then what it rests on, then what it does not say. */

export const EXIT_CODES = { valid: 0, tampered: 1, malformed: 2, untrusted: 3 } as const;

const row = (label: string, value: string): string => `  ${label.padEnd(12)}${value}`;
const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** Text of the bundle's own words, which nothing vouches for: no control characters reach the terminal. */
const quoted = (text: string): string => JSON.stringify(text.replaceAll(/\p{C}/gu, "\uFFFD"));

export function formatVerdict(verdict: BundleVerdict): string {
  const lines = verdict.status === "valid" ? validLines(verdict.facts) : refusedLines(verdict);
  return `${lines.join("\n")}\n`;
}

function validLines(facts: BundleFacts): string[] {
  return [
    "VALID",
    row("Log", facts.checkpoint.origin),
    row(
      "Checkpoint",
      `${plural(facts.checkpoint.size, "entry", "entries")}, root ${toBase64(facts.checkpoint.root)}, signed by ${facts.signedBy
        .map((key) => `${key.name}+${toHex(key.id)}`)
        .join(" and ")}`,
    ),
    row("Checked", checkedSentence(facts)),
    ...(facts.earlierIgnored > 0
      ? [
          row(
            "",
            `${plural(facts.earlierIgnored, "earlier checkpoint", "earlier checkpoints")} by other keys passed over`,
          ),
        ]
      : []),
    ...(facts.sinceSize === null
      ? []
      : [
          row(
            "Since",
            `your checkpoint at ${plural(facts.sinceSize, "entry", "entries")}: the log extends it, nothing in it was changed`,
          ),
        ]),
    ...(facts.witnessed === 0 ? [] : [row("Witnessed", `${plural(facts.witnessed, "checkpoint", "checkpoints")} that witnesses kept: the log is the one they saw`)]),
    ...prunedLines(facts),
    row(
      "File says",
      `filter ${quoted(facts.manifest.filter)}, made ${quoted(facts.manifest.exportedAt)} by ${quoted(facts.manifest.generator)}`,
    ),
    "",
    ...provenLines(facts),
  ];
}

/** Which texts are not there, and by which rule: their entries are proven by hash alone. */
function prunedLines({ manifest, prunedTexts, prunings }: BundleFacts): string[] {
  if (prunedTexts === 0) return [];
  const acts = manifest.scope === "all" ? prunings : [];
  return [
    row("Pruned", `the text of ${plural(prunedTexts, "entry", "entries")}: proven by hash alone, what they said is not in the log any more`),
    ...acts.map(({ seq, texts, rule, at }) => row("", `${plural(texts, "text", "texts")} pruned on ${at.slice(0, 10)} under the rule ${quoted(rule)}, told of by entry ${seq}`)),
    ...(manifest.scope === "all" ? [] : [row("", "a full export tells by which rule and when")]),
  ];
}

function checkedSentence({ manifest, entriesChecked, earlierChecked }: BundleFacts): string {
  if (manifest.scope === "selection") {
    return `${plural(entriesChecked, "entry", "entries")}, each by its own proof under the checkpoint`;
  }
  const range = entriesChecked === 0 ? "" : ` (0 to ${entriesChecked - 1})`;
  const earlier =
    earlierChecked === 0
      ? ""
      : `; ${plural(earlierChecked, "earlier checkpoint", "earlier checkpoints")} on the way`;
  return `all ${plural(entriesChecked, "entry", "entries")}${range}: text, order, chain and root${earlier}`;
}

function provenLines({ manifest, checkpoint, sinceSize, witnessed }: BundleFacts): string[] {
  const all = manifest.scope === "all";
  return [
    all
      ? `Proven: these are the first ${checkpoint.size} entries exactly as the holder of the key signed them. None was changed, removed, added or moved.`
      : "Proven: each entry here stands in the signed log at the number given, exactly as written.",
    "Not proven:",
    ...(all
      ? []
      : [
          "  - that the selection holds every entry that matches its filter: only a full export shows that;",
        ]),
    `  - anything after entry ${checkpoint.size - 1}, or that the file's own words about filter, time and program are right;`,
    ...(sinceSize === null
      ? [
          "  - that the log was the same earlier: keep this checkpoint and pass it next time as --since;",
        ]
      : []),
    ...(witnessed > 0 ? [] : ["  - that others were shown the same log: compare the checkpoint with theirs, or with what a witness kept (--witness);"]),
    "  - that what an entry says is true: only that it was recorded so.",
  ];
}

function refusedLines(verdict: Exclude<BundleVerdict, { status: "valid" }>): string[] {
  switch (verdict.status) {
    case "tampered":
      return ["TAMPERED", row("Where", whereSentence(verdict)), row("Why", verdict.message)];
    case "malformed":
      return [
        "MALFORMED",
        row("Where", `line ${verdict.line}`),
        row("Why", verdict.message),
        "",
        "Nothing was proven or disproven.",
      ];
    case "untrusted":
      return [
        "UNTRUSTED KEY",
        row("Where", `line ${verdict.line}`),
        row("Why", verdict.message),
        "",
        "Nothing in the file can be believed.",
      ];
  }
}

function whereSentence({
  seq,
  throughSeq,
  line,
}: Extract<BundleVerdict, { status: "tampered" }>): string {
  if (seq === null) return `line ${line} of the file`;
  return throughSeq === null || throughSeq === seq
    ? `first bad entry ${seq} (line ${line} of the file)`
    : `first bad entry between ${seq} and ${throughSeq} (seen at line ${line} of the file)`;
}

/** The same verdict for programs. */
export function verdictJson(verdict: BundleVerdict): string {
  if (verdict.status !== "valid") return `${JSON.stringify(verdict)}\n`;
  const {
    manifest,
    checkpoint,
    signedBy,
    entriesChecked,
    earlierChecked,
    earlierIgnored,
    sinceSize,
    witnessed,
    prunedTexts,
    prunings,
  } = verdict.facts;
  return `${JSON.stringify({
    status: verdict.status,
    origin: checkpoint.origin,
    treeSize: checkpoint.size,
    root: toBase64(checkpoint.root),
    signedBy: signedBy.map((key) => `${key.name}+${toHex(key.id)}`),
    scope: manifest.scope,
    entriesChecked,
    earlierChecked,
    earlierIgnored,
    sinceSize,
    witnessed,
    prunedTexts,
    prunings,
  })}\n`;
}
