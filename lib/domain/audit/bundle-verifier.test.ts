import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BundleManifest } from "./bundle.ts";
import {
  checkpointLine,
  consistencyLine,
  earlierLine,
  entryLine,
  manifestLine,
  parseEntryLine,
  parseManifest,
} from "./bundle.ts";
import type { BundleVerdict } from "./bundle-verdict.ts";
import { createBundleVerifier } from "./bundle-verifier.ts";
import { toBase64, utf8 } from "./bytes.ts";
import { CHAIN_START, nextChainHash } from "./chain.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { consistencySpans, leafHash, proofHashes } from "./merkle.ts";
import {
  sampleFullBundle,
  sampleKey,
  sampleLeaf,
  sampleLog,
  sampleNote,
  sampleSelection,
  sha256,
  verifySignature,
} from "./sample-log.fixture.ts";
import type { NoteKey } from "./signed-note.ts";
import { signNote } from "./signed-note.ts";

const key = sampleKey("slipway.local/one", 1);
const stranger = sampleKey("slipway.local/one", 9);
const SIZE = 300;
const EARLIER = [64, 100, 256];
const log = sampleLog(Array.from({ length: SIZE }, (_, seq) => sampleLeaf(seq)));
const full = sampleFullBundle(log, key, EARLIER);
const HEAD_LINES = 2 + EARLIER.length;
const chosen = [3, 77, 78, 200, 299];
const selection = sampleSelection(log, key, chosen);

function judge(
  lines: readonly (string | null)[],
  {
    trusted = [key],
    since = null,
    witnessed = [],
    cutShort = false,
  }: { trusted?: readonly NoteKey[]; since?: string | null; witnessed?: readonly string[]; cutShort?: boolean } = {},
): BundleVerdict {
  const verifier = createBundleVerifier({ trusted, since, witnessed, hash: sha256, verifySignature });
  for (const line of lines) {
    const verdict = verifier.line(line);
    if (verdict !== null) return verdict;
  }
  return verifier.end(cutShort);
}

const at = (seq: number): number => HEAD_LINES + seq;
const withLine = (
  lines: readonly string[],
  index: number,
  change: (line: string) => string,
): string[] => lines.map((line, here) => (here === index ? change(line) : line));
const manifest = (lines: readonly string[], change: Partial<BundleManifest>): string[] =>
  withLine(lines, 0, (line) => manifestLine({ ...parseManifest(line)!, ...change }));

/** Full-export entries whose chain hashes are made to fit whatever the leaves are: what a careful forger writes. */
function forge(leaves: readonly string[]): string[] {
  let chain = CHAIN_START;
  return leaves.map((leaf, seq) => {
    chain = nextChainHash(chain, leafHash(utf8(leaf), sha256), sha256);
    return entryLine({ scope: "all", seq, leaf, chain: toBase64(chain) });
  });
}

describe("what is whole is valid", () => {
  test("a full export, with the earlier checkpoints on its way", () => {
    expect(judge(full)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: SIZE, earlierChecked: 3, sinceSize: null },
    });
  });

  test("a selection", () => {
    expect(judge(selection)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: chosen.length },
    });
  });

  test("an empty log", () => {
    expect(judge(sampleFullBundle(sampleLog([]), key))).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 0 },
    });
  });

  test("an empty selection", () => {
    expect(judge(sampleSelection(log, key, []))).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 0 },
    });
  });

  test("no false alarm over 1 000 generated bundles", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: SIZE }),
        fc.array(fc.nat({ max: SIZE - 1 }), { maxLength: 4 }),
        (size, picks) => {
          const part = sampleLog(log.leaves.slice(0, size));
          const earlier = [...new Set(picks)].filter((pick) => pick < size).sort((a, b) => a - b);
          expect(judge(sampleFullBundle(part, key, earlier)).status).toBe("valid");
          if (size > 0) expect(judge(sampleSelection(part, key, earlier)).status).toBe("valid");
        },
      ),
      { seed: 14, numRuns: 500 },
    );
  }, 60_000);

  test("keys that are not in the bundle do no harm; earlier checkpoints by other keys are passed over and counted", () => {
    expect(judge(full, { trusted: [stranger, key] }).status).toBe("valid");
    const rotated = withLine(full, 2, () => earlierLine(sampleNote(log, stranger, 64)));
    expect(judge(rotated)).toMatchObject({
      status: "valid",
      facts: { earlierChecked: 2, earlierIgnored: 1 },
    });
  });
});

describe("each way of tampering with a full export is found, at the first bad entry", () => {
  const middle = 150;
  const editedLeaves = log.leaves.with(
    middle,
    log.leaves[middle]!.replace("STEP_ACTIVE", "STEP_ACTIVF"),
  );
  const head = full.slice(0, HEAD_LINES);
  const cases: readonly (readonly [string, readonly (string | null)[], number | null])[] = [
    [
      "one byte of a leaf",
      withLine(full, at(middle), (line) => line.replace("STEP_ACTIVE", "STEP_ACTIVF")),
      middle,
    ],
    [
      "one byte of a chain hash",
      withLine(full, at(middle), (line) =>
        line.replace(/"chain":"./, (m) => (m.endsWith("A") ? '"chain":"B' : '"chain":"A')),
      ),
      middle,
    ],
    ["two entries swapped", full.with(at(10), full[at(11)]!).with(at(11), full[at(10)]!), 10],
    [
      "two entries swapped and renumbered",
      full
        .with(at(10), full[at(11)]!.replace('"seq":11', '"seq":10'))
        .with(at(11), full[at(10)]!.replace('"seq":10', '"seq":11')),
      10,
    ],
    ["an entry deleted", full.toSpliced(at(middle), 1), middle],
    [
      "an entry deleted, the rest renumbered",
      full
        .toSpliced(at(middle), 1)
        .map((line, index) =>
          index < at(middle)
            ? line
            : line.replace(/"seq":(\d+)\}$/, (_, n) => `"seq":${Number(n) - 1}}`),
        ),
      middle,
    ],
    ["the last ten deleted", full.slice(0, -10), SIZE - 10],
    [
      "the last ten deleted, the manifest made to fit",
      manifest(full.slice(0, -10), { count: SIZE - 10, lastSeq: SIZE - 11 }),
      null,
    ],
    ["an entry doubled", full.toSpliced(at(middle), 0, full[at(middle)]!), middle + 1],
    [
      "an entry inserted and renumbered",
      [...head, ...forge(log.leaves.toSpliced(middle, 0, sampleLeaf(9_999)))],
      100,
    ],
    ["an edit with every chain hash made to fit", [...head, ...forge(editedLeaves)], 100],
    [
      "a swap with every chain hash made to fit",
      [...head, ...forge(log.leaves.with(10, log.leaves[11]!).with(11, log.leaves[10]!))],
      0,
    ],
    [
      "a leaf written with other spacing",
      withLine(full, at(5), (line) => line.replace('{\\"action', '{ \\"action')),
      5,
    ],
    [
      "a line with a member added",
      withLine(full, at(5), (line) => line.replace('"seq":5}', '"note":"x","seq":5}')),
      5,
    ],
    [
      "a line with a doubled member",
      withLine(full, at(5), (line) => line.replace('"seq":5}', '"seq":4,"seq":5}')),
      5,
    ],
    ["an entry that is not UTF-8", (full as (string | null)[]).with(at(7), null), 7],
    [
      "an entry beyond the checkpoint",
      manifest([...full, full.at(-1)!.replace(/"seq":\d+/, `"seq":${SIZE}`)], {}),
      SIZE,
    ],
    [
      "the root in the checkpoint",
      withLine(full, 1, (line) =>
        line.replace(toBase64(log.rootAt(SIZE)), toBase64(log.rootAt(SIZE - 1))),
      ),
      null,
    ],
    [
      "the size in the checkpoint",
      withLine(full, 1, (line) => line.replace(`\\n${SIZE}\\n`, `\\n${SIZE - 1}\\n`)),
      null,
    ],
    [
      "one byte of the signature",
      withLine(full, 1, (line) =>
        line.replace(/(.)(.{20}=\\n"\}$)/, (_, c, rest) => `${c === "A" ? "B" : "A"}${rest}`),
      ),
      null,
    ],
    ["the origin in the manifest", manifest(full, { origin: "slipway.local/two" }), null],
    ["the size in the manifest", manifest(full, { treeSize: SIZE - 1 }), null],
    ["the count in the manifest", manifest(full, { count: SIZE - 1 }), null],
    ["the last number in the manifest", manifest(full, { lastSeq: 5 }), null],
    ["the scope in the manifest", manifest(full, { scope: "selection" }), null],
    [
      "an earlier checkpoint's text",
      withLine(full, 2, (line) => line.replace("\\n64\\n", "\\n65\\n")),
      null,
    ],
    ["earlier checkpoints out of order", full.with(2, full[3]!).with(3, full[2]!), null],
    ["no checkpoint", full.toSpliced(1, 1), null],
  ];

  test.each(cases)("%s", (_name, lines, seq) => {
    const verdict = judge(lines);
    expect(verdict).toMatchObject({ status: "tampered" });
    if (seq !== null) expect(verdict).toMatchObject({ seq });
  });

  test("a careful forgery is bracketed by the signed checkpoints around it", () => {
    expect(judge([...head, ...forge(editedLeaves)])).toMatchObject({ seq: 100, throughSeq: 255 });
  });

  test("any single changed character in any entry is found at that entry", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: SIZE - 1 }),
        fc.nat(),
        fc.constantFrom(...'x0"}\\ \u00e9'),
        (seq, pick, character) => {
          const line = full[at(seq)]!;
          const place = pick % line.length;
          fc.pre(line[place] !== character);
          const changed = `${line.slice(0, place)}${character}${line.slice(place + 1)}`;
          expect(judge(full.with(at(seq), changed))).toMatchObject({ status: "tampered", seq });
        },
      ),
      { seed: 77, numRuns: 200 },
    );
  }, 30_000);
});

describe("a forger with another key is not believed", () => {
  test("signed again by a key of the same name", () => {
    const forged = log.leaves.with(5, sampleLeaf(9_999));
    expect(judge(sampleFullBundle(sampleLog(forged), stranger))).toMatchObject({
      status: "untrusted",
    });
  });

  test("a checkpoint of another log by the trusted key", () => {
    const foreign = signNote(
      formatCheckpoint({ origin: "slipway.local/two", size: SIZE, root: log.rootAt(SIZE) }),
      [key],
    );
    expect(judge(full.with(1, checkpointLine(foreign)))).toMatchObject({ status: "untrusted" });
  });

  test("no trusted key at all", () => {
    expect(judge(full, { trusted: [] })).toMatchObject({ status: "untrusted" });
  });
});

describe("what cannot be read is malformed, not judged", () => {
  test.each([
    ["nothing", []],
    ["a byte order mark", full.with(0, `\uFEFF${full[0]}`)],
    ["CR LF", full.map((line) => `${line}\r`)],
    ["another format", full.with(0, full[0]!.replace("slipway-audit-bundle", "other"))],
    ["a later format version", full.with(0, full[0]!.replace('"v":1', '"v":3'))],
    ["no manifest", full.slice(1)],
    ["only a manifest", full.slice(0, 1)],
    ["bytes that are not text", [null]],
  ])("%s", (_name, lines) => {
    expect(judge(lines)).toMatchObject({ status: "malformed" });
  });

  test("a file cut in the middle of a line", () => {
    expect(judge(full.slice(0, 50), { cutShort: true })).toMatchObject({ status: "malformed" });
  });
});

describe("a selection proves each entry by itself", () => {
  const line = (seq: number): number => 2 + chosen.indexOf(seq);
  test.each([
    [
      "one byte of a leaf",
      withLine(selection, line(77), (text) => text.replace("APPROVED", "APPROVEC")),
      77,
    ],
    [
      "a proof hash",
      withLine(selection, line(78), (text) =>
        text.replace(/"proof":\["./, (m) => (m.endsWith("A") ? '"proof":["B' : '"proof":["A')),
      ),
      78,
    ],
    [
      "a proof hash removed",
      withLine(selection, line(78), (text) => text.replace(/"proof":\["[^"]*",/, '"proof":[')),
      78,
    ],
    [
      "a proof in another notation",
      withLine(selection, line(78), (text) => text.replace('"proof":[', '"proof":[ ')),
      78,
    ],
    [
      "an entry under another number",
      withLine(selection, line(77), (text) => text.replace('"seq":77', '"seq":76')),
      76,
    ],
    ["an entry doubled", selection.toSpliced(line(77), 0, selection[line(77)]!), 77],
    [
      "two entries swapped",
      selection.with(line(77), selection[line(78)]!).with(line(78), selection[line(77)]!),
      77,
    ],
    [
      "an entry from another log",
      withLine(
        selection,
        line(77),
        () => sampleSelection(sampleLog(log.leaves.toReversed()), key, [77])[2]!,
      ),
      77,
    ],
    ["an entry removed", selection.toSpliced(line(77), 1), null],
  ])("%s", (_name, lines, seq) => {
    expect(judge(lines)).toMatchObject({ status: "tampered", ...(seq === null ? {} : { seq }) });
  });
});

describe("a checkpoint kept from before", () => {
  const since = (size: number): string => sampleNote(log, key, size);
  const otherLog = sampleLog(log.leaves.with(20, sampleLeaf(9_999)));

  test("is extended by a full export of any later size", () => {
    for (const size of [0, 1, 64, 99, SIZE])
      expect(judge(full, { since: since(size) })).toMatchObject({
        status: "valid",
        facts: { sinceSize: size },
      });
  });

  test("shows a log that was rewritten and signed again by the real key", () => {
    const rewritten = sampleFullBundle(otherLog, key);
    expect(judge(rewritten).status).toBe("valid");
    expect(judge(rewritten, { since: since(100) })).toMatchObject({
      status: "tampered",
      seq: 0,
      throughSeq: 99,
    });
    expect(judge(rewritten, { since: since(SIZE) })).toMatchObject({ status: "tampered" });
    expect(judge(rewritten, { since: since(20) }).status).toBe("valid");
  });

  test("shows a log that was cut", () => {
    const cut = sampleFullBundle(sampleLog(log.leaves.slice(0, 200)), key);
    expect(judge(cut, { since: since(250) })).toMatchObject({
      status: "tampered",
      seq: 200,
      throughSeq: 249,
    });
  });

  test("needs a proof in a selection, and believes only a right one", () => {
    const proofOf = (of: typeof log, size: number): string =>
      consistencyLine(
        sampleNote(of, key, size),
        proofHashes(consistencySpans(size, SIZE), log.lookup, sha256),
      );
    const proven = selection.toSpliced(2, 0, proofOf(log, 100));
    expect(judge(proven)).toMatchObject({ status: "valid", facts: { earlierChecked: 1 } });
    expect(judge(proven, { since: since(100) })).toMatchObject({
      status: "valid",
      facts: { sinceSize: 100 },
    });
    expect(judge(selection, { since: since(100) })).toMatchObject({ status: "malformed" });
    expect(judge(proven, { since: since(99) })).toMatchObject({ status: "malformed" });
    expect(judge(proven, { since: sampleNote(otherLog, key, 100) })).toMatchObject({
      status: "tampered",
    });
    expect(judge(selection.toSpliced(2, 0, proofOf(otherLog, 100)))).toMatchObject({
      status: "tampered",
    });
    expect(judge(selection.toSpliced(2, 0, proofOf(log, 100), proofOf(log, 64)))).toMatchObject({
      status: "tampered",
    });
  });

  test("must itself be signed by a trusted key", () => {
    expect(judge(full, { since: sampleNote(log, stranger, 100) })).toMatchObject({
      status: "untrusted",
    });
    expect(judge(full, { since: "not a note" })).toMatchObject({ status: "malformed" });
  });
});

test("random bytes never make the verifier throw, nor believe", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...full.slice(0, 8), ...selection)),
        { maxLength: 8 },
      ),
      (lines) => {
        const verdict = judge(lines);
        expect(["tampered", "malformed", "untrusted", "valid"]).toContain(verdict.status);
        if (verdict.status === "valid") expect(verdict.facts.manifest.scope).toBe("selection");
      },
    ),
    { seed: 5, numRuns: 2_000 },
  );
}, 30_000);

test("an entry line is read only in the spelling it is written in", () => {
  const line = full[at(0)]!;
  expect(parseEntryLine(line, "all")).not.toBeNull();
  expect(parseEntryLine(line, "selection")).toBeNull();
  expect(parseEntryLine(`${line} `, "all")).toBeNull();
  expect(parseEntryLine(line.replace('"seq":0', '"seq":00'), "all")).toBeNull();
});

describe("what a witness kept", () => {
  const kept = (...sizes: readonly number[]): string[] => sizes.map((size) => sampleNote(log, key, size));
  const forged = sampleLog(log.leaves.map((leaf, seq) => (seq === 70 ? sampleLeaf(9_999) : leaf)));

  test("every checkpoint of any sizes fits the log it was taken from", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: SIZE }), { maxLength: 12 }), (sizes) => {
        expect(judge(full, { witnessed: kept(...sizes) })).toMatchObject({ status: "valid", facts: { witnessed: new Set(sizes).size } });
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test("a log that was rewritten together with its key does not fit, and it is said between which checkpoints", () => {
    const bundle = sampleFullBundle(forged, key);
    expect(judge(bundle)).toMatchObject({ status: "valid" });
    expect(judge(bundle, { witnessed: kept(64, 100) })).toMatchObject({ status: "tampered", seq: 64, throughSeq: 99 });
    expect(judge(bundle, { witnessed: kept(64) })).toMatchObject({ status: "valid" });
  });

  test("a log that was cut, however it was signed again, is shorter than what was kept", () => {
    const cut = sampleFullBundle(sampleLog(log.leaves.slice(0, 200)), key);
    expect(judge(cut, { witnessed: kept(100, 250) })).toMatchObject({ status: "tampered", seq: 200, throughSeq: 249 });
  });

  test("a selection is compared where it can be, and says where it cannot", () => {
    expect(judge(selection, { witnessed: kept(SIZE) })).toMatchObject({ status: "valid", facts: { witnessed: 1 } });
    expect(judge(selection, { witnessed: kept(100) })).toMatchObject({ status: "malformed" });
    expect(judge(sampleSelection(forged, key, chosen), { witnessed: kept(SIZE) })).toMatchObject({ status: "tampered" });
  });

  test("what is by another key or no checkpoint at all proves nothing", () => {
    expect(judge(full, { witnessed: [sampleNote(log, stranger, 100)] })).toMatchObject({ status: "untrusted" });
    expect(judge(full, { witnessed: ["something else"] })).toMatchObject({ status: "malformed" });
  });
});
