import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BundleManifest } from "#lib/domain/audit/bundle.ts";
import {
  checkpointLine,
  consistencyLine,
  entryLine,
  manifestLine,
  parseEntryLine,
  parseManifest,
} from "#lib/domain/audit/bundle.ts";
import { toBase64, utf8 } from "#lib/domain/audit/bytes.ts";
import { CHAIN_START, nextChainHash } from "#lib/domain/audit/chain.ts";
import { formatCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import {
  appendLeaf,
  consistencySpans,
  EMPTY_FRONTIER,
  frontierRoot,
  leafHash,
  proofHashes,
} from "#lib/domain/audit/merkle.ts";
import {
  sampleFullBundle,
  sampleKey,
  sampleLeaf,
  sampleLog,
  sampleNote,
  sampleSelection,
  sha256,
} from "#lib/domain/audit/sample-log.fixture.ts";
import { buildLeaf } from "#lib/domain/audit/leaf.ts";
import { PRUNING_ACTION } from "#lib/domain/audit/pruning.ts";
import { signNote } from "#lib/domain/audit/signed-note.ts";

/** The built verifier as its user runs it, beside the second implementation. Both must say the same of every file. */

const ROOT = path.resolve(import.meta.dirname, "../..");
const VERIFIER = path.join(ROOT, "public/slipway-audit-verify.mjs");
const REFERENCE = path.join(ROOT, "lib/domain/audit/verify_reference.py");
const python =
  spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]).status === 0;
if (!python)
  console.warn("No python3 (3.9 or newer): the second verifier is not compared in this run.");

const key = sampleKey("slipway.local/one", 1);
const stranger = sampleKey("slipway.local/one", 9);
const SIZE = 60;
const log = sampleLog(Array.from({ length: SIZE }, (_, seq) => sampleLeaf(seq)));
const full = sampleFullBundle(log, key, [8, 33]);
const selection = sampleSelection(log, key, [2, 31, 59]);
const HEAD = 4;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-audit-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const target = path.join(directory, name);
  await writeFile(target, content);
  return target;
}

type Outcome = { readonly code: number | null; readonly out: string };

/** Node alone: no node_modules, no environment, started elsewhere. */
function verifier(args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFIER, ...args], {
    cwd: directory,
    env: { NODE_ENV: "production" },
    encoding: "utf8",
  });
  return { code: status, out: stdout + stderr };
}

function reference(bundle: string, vkey: string, since?: string): Outcome {
  const { status, stdout, stderr } = spawnSync(
    "python3",
    ["-B", REFERENCE, bundle, vkey, ...(since === undefined ? [] : [since])],
    { encoding: "utf8" },
  );
  return { code: status, out: stdout + stderr };
}

const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
const edit = (
  lines: readonly string[],
  index: number,
  change: (line: string) => string,
): string[] => lines.map((line, at) => (at === index ? change(line) : line));
const manifest = (lines: readonly string[], change: Partial<BundleManifest>): string[] =>
  edit(lines, 0, (line) => manifestLine({ ...parseManifest(line)!, ...change }));
const proofFrom = (size: number): string =>
  consistencyLine(
    sampleNote(log, key, size),
    proofHashes(consistencySpans(size, SIZE), log.lookup, sha256),
  );
const forgedLog = sampleLog(log.leaves.with(20, sampleLeaf(9_999)));

type Case = {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly code: number;
  readonly says?: string;
  readonly vkey?: string;
  readonly since?: string;
};
const cases: readonly Case[] = [
  { name: "a full export", bytes: text(full), code: 0, says: "all 60 entries (0 to 59)" },
  {
    name: "a full export with a checkpoint from before",
    bytes: text(full),
    since: sampleNote(log, key, 41),
    code: 0,
    says: "your checkpoint at 41",
  },
  { name: "a selection", bytes: text(selection), code: 0, says: "only a full export shows that" },
  {
    name: "a selection with its proof from before",
    bytes: text(selection.toSpliced(2, 0, proofFrom(33))),
    since: sampleNote(log, key, 33),
    code: 0,
  },
  { name: "an empty log", bytes: text(sampleFullBundle(sampleLog([]), key)), code: 0 },
  {
    name: "one changed byte",
    bytes: text(edit(full, HEAD + 17, (line) => line.replace("APPROVED", "APPROVEE"))),
    code: 1,
    says: "first bad entry 17",
  },
  {
    name: "one flipped bit",
    bytes: flip(text(full), text(full).indexOf("weightBp", 9_000), 1),
    code: 1,
    says: "first bad entry",
  },
  {
    name: "a byte that is not UTF-8",
    bytes: flip(text(full), text(full.slice(0, HEAD + 5)).length + 200, 0x80),
    code: 1,
    says: "first bad entry 5",
  },
  {
    name: "two entries swapped",
    bytes: text(full.with(HEAD + 4, full[HEAD + 5]!).with(HEAD + 5, full[HEAD + 4]!)),
    code: 1,
    says: "first bad entry 4",
  },
  {
    name: "an entry deleted",
    bytes: text(full.toSpliced(HEAD + 9, 1)),
    code: 1,
    says: "first bad entry 9",
  },
  {
    name: "the tail deleted",
    bytes: text(full.slice(0, -10)),
    code: 1,
    says: "first bad entry 50",
  },
  {
    name: "an entry doubled",
    bytes: text(full.toSpliced(HEAD + 9, 0, full[HEAD + 9]!)),
    code: 1,
    says: "first bad entry 10",
  },
  {
    name: "a rewritten log under the old signature",
    bytes: text([...full.slice(0, HEAD), ...sampleFullBundle(forgedLog, key).slice(2)]),
    code: 1,
    says: "between 8 and 32",
  },
  {
    name: "a rewritten log, signed again, against a kept checkpoint",
    bytes: text(sampleFullBundle(forgedLog, key)),
    since: sampleNote(log, key, 41),
    code: 1,
    says: "your checkpoint at 41",
  },
  {
    name: "a cut log, signed again, against a kept checkpoint",
    bytes: text(sampleFullBundle(sampleLog(log.leaves.slice(0, 40)), key)),
    since: sampleNote(log, key, 41),
    code: 1,
    says: "the log was cut",
  },
  {
    name: "another origin in the manifest",
    bytes: text(manifest(full, { origin: "slipway.local/two" })),
    code: 1,
  },
  { name: "another count in the manifest", bytes: text(manifest(full, { count: 59 })), code: 1 },
  {
    name: "another root in the checkpoint",
    bytes: text(
      edit(full, 1, (line) => line.replace(toBase64(log.rootAt(SIZE)), toBase64(log.rootAt(7)))),
    ),
    code: 1,
    says: "signature",
  },
  {
    name: "a selection with a changed proof",
    bytes: text(
      edit(selection, 3, (line) =>
        line.replace(/"proof":\["./, (m) => (m.endsWith("A") ? '"proof":["B' : '"proof":["A')),
      ),
    ),
    code: 1,
    says: "first bad entry 31",
  },
  { name: "a selection with an entry removed", bytes: text(selection.toSpliced(3, 1)), code: 1 },
  {
    name: "a selection with a wrong proof from before",
    bytes: text(selection.toSpliced(2, 0, consistencyLine(sampleNote(forgedLog, key, 33), []))),
    code: 1,
  },
  {
    name: "a selection without a proof from the kept checkpoint",
    bytes: text(selection),
    since: sampleNote(log, key, 33),
    code: 2,
    says: "export again",
  },
  {
    name: "a file cut inside a line",
    bytes: text(full).slice(0, -40),
    code: 2,
    says: "middle of a line",
  },
  { name: "a byte order mark", bytes: `\uFEFF${text(full)}`, code: 2, says: "byte order mark" },
  { name: "CR LF", bytes: text(full).replaceAll("\n", "\r\n"), code: 2, says: "CR LF" },
  { name: "an empty file", bytes: "", code: 2 },
  { name: "something else", bytes: "hello\n", code: 2 },
  {
    name: "signed by a stranger",
    bytes: text(sampleFullBundle(log, stranger)),
    code: 3,
    says: "not signed by a key you gave",
  },
  { name: "the right bundle, another key", bytes: text(full), vkey: stranger.vkey, code: 3 },
  {
    name: "a checkpoint of another log",
    bytes: text(
      full.with(
        1,
        checkpointLine(
          signNote(
            formatCheckpoint({ origin: "slipway.local/two", size: SIZE, root: log.rootAt(SIZE) }),
            [key],
          ),
        ),
      ),
    ),
    code: 3,
  },
];

function flip(content: string, characterAt: number, bits: number): Buffer {
  const bytes = Buffer.from(content);
  const at = Buffer.byteLength(content.slice(0, characterAt));
  bytes[at] = bytes[at]! ^ bits;
  return bytes;
}

describe("both verifiers agree on", () => {
  test.each(cases)(
    "$name",
    async ({ bytes, code, says = "", vkey = key.vkey, since }) => {
      const bundle = await file("bundle.slipway-audit.jsonl", bytes);
      const kept = since === undefined ? undefined : await file("kept-checkpoint", since);
      const first = verifier([
        bundle,
        "--key",
        vkey,
        ...(kept === undefined ? [] : ["--since", kept]),
      ]);
      expect(first.code, first.out).toBe(code);
      expect(first.out).toContain(says);
      if (python) {
        const second = reference(bundle, vkey, kept);
        expect(second.code, second.out).toBe(code);
      }
    },
    20_000,
  );
});

describe("the command", () => {
  test("needs a key, and says so with exit code 3", async () => {
    const bundle = await file("b.jsonl", text(full));
    expect(verifier([bundle])).toMatchObject({
      code: 3,
      out: expect.stringContaining("--key is required"),
    });
    expect(verifier([bundle, "--key", "nonsense"])).toMatchObject({ code: 3 });
  });

  test("takes the key from a file, several keys, and prints JSON", async () => {
    const bundle = await file("b.jsonl", text(full));
    const keyFile = await file("verifier-key", `${key.vkey}\n`);
    const { code, out } = verifier([bundle, "--key", stranger.vkey, "--key", keyFile, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      status: "valid",
      treeSize: SIZE,
      entriesChecked: SIZE,
      earlierChecked: 2,
      scope: "all",
    });
  });

  test("explains itself, and refuses what it does not know", () => {
    expect(verifier(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("Usage:") });
    expect(verifier(["a", "b", "--key", key.vkey])).toMatchObject({ code: 2 });
    expect(verifier(["a", "--force", "--key", key.vkey])).toMatchObject({ code: 2 });
    expect(verifier([path.join(directory, "missing"), "--key", key.vkey])).toMatchObject({
      code: 2,
      out: expect.stringContaining("Cannot read"),
    });
  });

  test("prints no control characters from the file", async () => {
    const bundle = await file("b.jsonl", text(manifest(full, { filter: "\u001b[2J\u202Eevil" })));
    const { code, out } = verifier([bundle, "--key", key.vkey]);
    expect(code).toBe(0);
    expect(out).not.toMatch(/[\u001b\u202E]/);
  });
});

describe("texts that were pruned", () => {
  const PRUNED = [3, 4, 5, 9];
  const told = { fromSeq: 3, rule: "kept for 200 days, as set here", texts: PRUNED.length, toSeq: 10 };
  const actOf = (after: object): string =>
    buildLeaf(
      { action: PRUNING_ACTION, targets: [], after: { ...after }, reason: "Their time is over." },
      {
        id: "0197a000-0000-7000-9000-000000009999",
        occurredAt: new Date(Date.UTC(2026, 10, 30)),
        actor: { type: "person", id: "0197a000-0000-7000-8000-000000000001", name: "Ines Albrecht", authMethod: "password" },
        context: { requestId: "req-9999", ip: null, userAgent: null },
        hash: sha256,
      },
    ).text;

  /** A full export of a log whose act says this, with the hash in the place of these texts. */
  function pruned(seqs: readonly number[], after: object, version = 2): string[] {
    const one = sampleLog([...Array.from({ length: 20 }, (_, seq) => sampleLeaf(seq)), actOf(after)]);
    return sampleFullBundle(one, key, [8]).map((line, at) => {
      if (at === 0) return manifestLine({ ...parseManifest(line)!, v: version as 1 | 2 });
      const entry = parseEntryLine(line, "all");
      if (entry?.scope !== "all" || !seqs.includes(entry.seq)) return line;
      return entryLine({ scope: "all", seq: entry.seq, chain: entry.chain, leaf: null, hash: leafHash(utf8(entry.leaf ?? ""), sha256) });
    });
  }

  const cases: readonly (readonly [string, string[], number])[] = [
    ["told of by their act", pruned(PRUNED, told), 0],
    ["one more than their act says", pruned([...PRUNED, 7], told), 1],
    ["one outside its range", pruned([...PRUNED.slice(1), 12], told), 1],
    ["with an act that says no range", pruned(PRUNED, { texts: 4 }), 1],
    ["in a file of version 1", pruned(PRUNED, told, 1), 1],
    ["with a hash that is another's", pruned(PRUNED, told).map((line) => (line.endsWith(`"seq":4}`) ? line.replace(/"hash":"[^"]+"/, `"hash":"${toBase64(sha256(utf8("x")))}"`) : line)), 1],
  ];
  test.each(cases)("%s: both verifiers say the same", async (name, lines, code) => {
    const bundle = await file("pruned.slipway-audit.jsonl", text(lines));
    const { code: first, out } = verifier([bundle, "--key", key.vkey]);
    expect(first, `${name}: ${out}`).toBe(code);
    if (python) expect(reference(bundle, key.vkey).code, name).toBe(code);
    if (code === 0) expect(out).toMatch(/4 texts pruned on 2026-11-30 under the rule "kept for 200 days, as set here", told of by entry 20/);
  });
});

const EVENTS = process.env["SLIPWAY_TEST_FULL"] === "1" ? 1_000_000 : 20_000;

test(`${EVENTS} entries are verified in constant memory, at 1 000 000 in 15 s`, async () => {
  const bundle = path.join(directory, "large.slipway-audit.jsonl");
  await writeLargeBundle(bundle, EVENTS);
  const started = performance.now();
  const probe = `data:text/javascript,process.on("exit",()=>process.stderr.write("rss "+process.resourceUsage().maxRSS))`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", probe, VERIFIER, bundle, "--key", key.vkey, "--json"],
    { encoding: "utf8" },
  );
  const seconds = (performance.now() - started) / 1_000;
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "valid", entriesChecked: EVENTS });
  const maxRssMib = Number(/rss (\d+)/.exec(stderr)?.[1]) / 1_024;
  console.info(`${EVENTS} entries: ${seconds.toFixed(1)} s, ${maxRssMib.toFixed(0)} MiB`);
  expect(maxRssMib).toBeLessThan(200);
  // Only the full size says something about time: a short run is mostly start-up.
  if (EVENTS >= 1_000_000) expect(seconds).toBeLessThan(15 * (EVENTS / 1_000_000));
}, 600_000);

/** Leaves are repeated from a thousand real ones: the verifier cannot tell, and a million are made in half a minute. */
async function writeLargeBundle(target: string, size: number): Promise<void> {
  const leaves = Array.from({ length: 1_000 }, (_, seq) => sampleLeaf(seq));
  const hashes = leaves.map((leaf) => leafHash(utf8(leaf), sha256));
  let frontier = EMPTY_FRONTIER;
  for (let seq = 0; seq < size; seq += 1)
    frontier = appendLeaf(frontier, hashes[seq % 1_000]!, sha256).frontier;
  const note = signNote(
    formatCheckpoint({ origin: key.name, size, root: frontierRoot(frontier, sha256) }),
    [key],
  );
  const out = createWriteStream(target);
  const base = parseManifest(full[0]!)!;
  out.write(
    `${manifestLine({ ...base, treeSize: size, count: size, lastSeq: size - 1 })}\n${checkpointLine(note)}\n`,
  );
  let chain = CHAIN_START;
  for (let seq = 0; seq < size; seq += 1) {
    chain = nextChainHash(chain, hashes[seq % 1_000]!, sha256);
    const line = entryLine({
      scope: "all",
      seq,
      leaf: leaves[seq % 1_000]!,
      chain: toBase64(chain),
    });
    if (!out.write(`${line}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}
