import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { AUDIT_ACTION_NAMES } from "./actions.ts";
import type { BundleEntry, BundleManifest } from "./bundle.ts";
import { checkpointLine, earlierLine, entryLine, manifestLine } from "./bundle.ts";
import type { HashFunction } from "./bytes.ts";
import { toBase64, utf8 } from "./bytes.ts";
import { CHAIN_START, nextChainHash } from "./chain.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { buildLeaf } from "./leaf.ts";
import type { Frontier, NodeRef } from "./merkle.ts";
import {
  appendLeaf,
  EMPTY_FRONTIER,
  frontierRoot,
  inclusionSpans,
  leafHash,
  proofHashes,
} from "./merkle.ts";
import type { NoteKey, Sign, VerifySignature } from "./signed-note.ts";
import { encodeVerifierKey, keyIdOf, signNote } from "./signed-note.ts";

/** A log held in memory, signed by a key made from a seed: what the tests export, verify and damage. */

export const sha256: HashFunction = (bytes) =>
  new Uint8Array(createHash("sha256").update(bytes).digest());

const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

export const verifySignature: VerifySignature = (publicKey, message, signature) => {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_ED25519, publicKey]),
    format: "der",
    type: "spki",
  });
  return verify(null, message, key, signature);
};

export type SampleKey = NoteKey & { readonly sign: Sign; readonly vkey: string };

/** `seed`: one byte, repeated. Same seed, same key. */
export function sampleKey(name: string, seed: number): SampleKey {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = new Uint8Array(
    createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32),
  );
  return {
    name,
    publicKey,
    id: keyIdOf(name, publicKey, sha256),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    vkey: encodeVerifierKey(name, publicKey, sha256),
  };
}

export function sampleLeaf(seq: number): string {
  const action = AUDIT_ACTION_NAMES[seq % AUDIT_ACTION_NAMES.length] ?? "release.created";
  return buildLeaf(
    {
      action,
      targets: [
        {
          type: "release",
          id: `0197a000-0000-7000-8000-${String(seq % 97).padStart(12, "0")}`,
          name: `Release ${seq % 97}`,
          digest: null,
        },
        {
          type: "model",
          id: "0197a000-0000-7000-8000-00000000beef",
          name: "tumour-triage",
          digest: null,
        },
      ],
      before: { state: "APPROVED", weightBp: seq % 10_001 },
      after: { state: "STEP_ACTIVE", weightBp: (seq * 7) % 10_001, ratio: (seq % 13) / 7 },
      reason: seq % 3 === 0 ? `Nothing past its limit, ${seq} “units” – naïve` : null,
    },
    {
      id: `0197a000-0000-7000-9000-${String(seq).padStart(12, "0")}`,
      occurredAt: new Date(Date.UTC(2026, 10, 23) + seq * 250),
      actor: {
        type: "person",
        id: "0197a000-0000-7000-8000-000000000001",
        name: "Ines Albrecht",
        authMethod: "password",
      },
      context: {
        requestId: `req-${seq}`,
        ip: "10.20.4.17",
        userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
      },
      hash: sha256,
    },
  ).text;
}

export type SampleLog = {
  readonly leaves: readonly string[];
  readonly leafHashes: readonly Uint8Array[];
  readonly chain: readonly Uint8Array[];
  readonly lookup: (ref: NodeRef) => Uint8Array;
  readonly rootAt: (size: number) => Uint8Array;
  readonly frontier: Frontier;
};

export function sampleLog(leaves: readonly string[]): SampleLog {
  const nodes = new Map<string, Uint8Array>();
  const chain: Uint8Array[] = [];
  const frontiers: Frontier[] = [EMPTY_FRONTIER];
  const leafHashes = leaves.map((leaf) => leafHash(utf8(leaf), sha256));
  leafHashes.forEach((hash, index) => {
    const grown = appendLeaf(frontiers[index] ?? EMPTY_FRONTIER, hash, sha256);
    nodes.set(`0:${index}`, hash);
    for (const node of grown.completed) nodes.set(`${node.level}:${node.index}`, node.hash);
    frontiers.push(grown.frontier);
    chain.push(nextChainHash(chain[index - 1] ?? CHAIN_START, hash, sha256));
  });
  return {
    leaves,
    leafHashes,
    chain,
    lookup: ({ level, index }) => nodes.get(`${level}:${index}`) ?? new Uint8Array(32),
    rootAt: (size) => frontierRoot(frontiers[size] ?? EMPTY_FRONTIER, sha256),
    frontier: frontiers.at(-1) ?? EMPTY_FRONTIER,
  };
}

export function sampleNote(log: SampleLog, key: SampleKey, size: number): string {
  return signNote(formatCheckpoint({ origin: key.name, size, root: log.rootAt(size) }), [key]);
}

const manifestOf = (
  log: SampleLog,
  key: SampleKey,
  entries: readonly BundleEntry[],
  scope: BundleManifest["scope"],
): BundleManifest => ({
  format: "slipway-audit-bundle",
  v: 1,
  origin: key.name,
  scope,
  filter: scope === "all" ? "every entry" : "some entries",
  query: null,
  treeSize: log.leaves.length,
  count: entries.length,
  firstSeq: entries[0]?.seq ?? null,
  lastSeq: entries.at(-1)?.seq ?? null,
  generator: "slipway test",
  exportedAt: "2026-11-23T14:00:00.000Z",
});

/** Lines of a full export, with earlier checkpoints at these sizes. */
export function sampleFullBundle(
  log: SampleLog,
  key: SampleKey,
  earlierSizes: readonly number[] = [],
): string[] {
  const entries = log.leaves.map((leaf, seq): BundleEntry => ({
    scope: "all",
    seq,
    leaf,
    chain: toBase64(log.chain[seq] ?? CHAIN_START),
  }));
  return [
    manifestLine(manifestOf(log, key, entries, "all")),
    checkpointLine(sampleNote(log, key, log.leaves.length)),
    ...earlierSizes.map((size) => earlierLine(sampleNote(log, key, size))),
    ...entries.map(entryLine),
  ];
}

/** Lines of a filtered export of these entries. */
export function sampleSelection(log: SampleLog, key: SampleKey, seqs: readonly number[]): string[] {
  const size = log.leaves.length;
  const entries = seqs.map((seq): BundleEntry => ({
    scope: "selection",
    seq,
    leaf: log.leaves[seq] ?? "",
    proof: proofHashes(inclusionSpans(seq, size), log.lookup, sha256),
  }));
  return [
    manifestLine(manifestOf(log, key, entries, "selection")),
    checkpointLine(sampleNote(log, key, size)),
    ...entries.map(entryLine),
  ];
}
