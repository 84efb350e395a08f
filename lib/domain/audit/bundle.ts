import { fromBase64, toBase64 } from "./bytes.ts";
import type { JsonObject, JsonValue } from "./canonical-json.ts";
import { canonicalJson, parseCanonicalJson } from "./canonical-json.ts";

/**
 * The export bundle, `*.slipway-audit.jsonl`: UTF-8, LF, one canonical JSON object a line.
 *   1. the manifest                                      {"count":..,"format":"slipway-audit-bundle",..}
 *   2. the signed checkpoint that everything hangs on    {"checkpoint":"<note>"}
 *   3. any number of earlier checkpoints, ascending      {"earlier":"<note>"}              scope all
 *      or at most one proof from an earlier checkpoint   {"consistency":{"from":"<note>","proof":[..]}}   scope selection
 *   4. the entries, ascending                            {"chain":"<base64>","leaf":"<JCS text>","seq":n}  scope all
 *                                                        {"leaf":"<JCS text>","proof":["<base64>",..],"seq":n}  scope selection
 *      version 2: an entry whose text was pruned has      {"chain":..,"hash":"<base64 leaf hash>","seq":n} or {"hash":..,"proof":[..],"seq":n}
 * The checkpoint stands before the entries so that a reader can judge each entry as it passes and needs no memory of them.
 */

export const BUNDLE_FORMAT = "slipway-audit-bundle";
/** 2: some texts were pruned. A log without such entries is written as version 1, which older verifiers read. */
export const BUNDLE_VERSIONS = [1, 2] as const;
export const BUNDLE_EXTENSION = ".slipway-audit.jsonl";

export type BundleScope = "all" | "selection";

export type BundleManifest = {
  readonly format: typeof BUNDLE_FORMAT;
  readonly v: (typeof BUNDLE_VERSIONS)[number];
  readonly origin: string;
  readonly scope: BundleScope;
  /** What was asked for, in words. Nothing proves that the selection holds all that matches it. */
  readonly filter: string;
  readonly query: JsonObject | null;
  readonly treeSize: number;
  readonly count: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly generator: string;
  readonly exportedAt: string;
};

/** The text, or the leaf hash alone where the text was pruned. */
export type EntryText = { readonly leaf: string; readonly hash?: null } | { readonly leaf: null; readonly hash: Uint8Array };

export type BundleEntry = EntryText &
  /** `chain`: base64 of the chain hash. */
  (| { readonly scope: "all"; readonly seq: number; readonly chain: string }
    | { readonly scope: "selection"; readonly seq: number; readonly proof: readonly Uint8Array[] });

export function manifestLine(manifest: BundleManifest): string {
  return canonicalJson(manifest);
}

export function checkpointLine(note: string): string {
  return canonicalJson({ checkpoint: note });
}

export function earlierLine(note: string): string {
  return canonicalJson({ earlier: note });
}

export function consistencyLine(from: string, proof: readonly Uint8Array[]): string {
  return canonicalJson({ consistency: { from, proof: proof.map(toBase64) } });
}

/** Spelled out instead of sorted by canonicalJson: a million of these are written and read. */
export function entryLine(entry: BundleEntry): string {
  const text = entry.leaf === null ? `"hash":"${toBase64(entry.hash)}"` : `"leaf":${JSON.stringify(entry.leaf)}`;
  if (entry.scope === "all") return `{"chain":"${entry.chain}",${text},"seq":${entry.seq}}`;
  const proof = entry.proof.map((hash) => `"${toBase64(hash)}"`).join(",");
  return `{${text},"proof":[${proof}],"seq":${entry.seq}}`;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSize = (value: JsonValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isObjectOrNull = (value: JsonValue | undefined): value is JsonObject | null =>
  value === null || isObject(value);
const isSizeOrNull = (value: JsonValue | undefined): value is number | null =>
  value === null || isSize(value);

function readObject(line: string): JsonObject | null {
  const parsed = parseCanonicalJson(line);
  return parsed !== null && isObject(parsed.value) ? parsed.value : null;
}

/** `null` when the line is not a manifest of a version that this program reads. */
export function parseManifest(line: string): BundleManifest | null {
  const fields = readObject(line);
  if (fields === null) return null;
  const {
    format,
    v,
    origin,
    scope,
    filter,
    query,
    treeSize,
    count,
    firstSeq,
    lastSeq,
    generator,
    exportedAt,
  } = fields;
  const version = BUNDLE_VERSIONS.find((one) => one === v);
  if (format !== BUNDLE_FORMAT || version === undefined) return null;
  if (scope !== "all" && scope !== "selection") return null;
  if (typeof origin !== "string" || typeof filter !== "string" || typeof generator !== "string")
    return null;
  if (typeof exportedAt !== "string" || !isSize(treeSize) || !isSize(count)) return null;
  if (!isObjectOrNull(query) || !isSizeOrNull(firstSeq) || !isSizeOrNull(lastSeq)) return null;
  return {
    format,
    v: version,
    origin,
    scope,
    filter,
    query,
    treeSize,
    count,
    firstSeq,
    lastSeq,
    generator,
    exportedAt,
  };
}

function onlyText(line: string, key: string): string | null {
  const fields = readObject(line);
  const text = fields?.[key];
  return fields !== null && typeof text === "string" && Object.keys(fields).length === 1
    ? text
    : null;
}

export const parseCheckpointLine = (line: string): string | null => onlyText(line, "checkpoint");
export const parseEarlierLine = (line: string): string | null => onlyText(line, "earlier");

function readHashes(value: JsonValue | undefined): readonly Uint8Array[] | null {
  if (!Array.isArray(value)) return null;
  const list: readonly JsonValue[] = value;
  const hashes = list.map((item) => (typeof item === "string" ? fromBase64(item) : null));
  const whole = hashes.filter((hash) => hash !== null);
  return whole.length === list.length ? whole : null;
}

export function parseConsistencyLine(
  line: string,
): { readonly from: string; readonly proof: readonly Uint8Array[] } | null {
  const consistency = readObject(line)?.["consistency"];
  if (!isObject(consistency)) return null;
  const { from } = consistency;
  const proof = readHashes(consistency["proof"]);
  return typeof from === "string" && proof !== null && consistencyLine(from, proof) === line
    ? { from, proof }
    : null;
}

const FULL_ENTRY = /^\{"chain":"([A-Za-z0-9+/]{43}=)",(?:"leaf":(".*")|"hash":"([A-Za-z0-9+/]{43}=)"),"seq":(0|[1-9][0-9]{0,15})\}$/s;
const SELECTED_ENTRY =
  /^\{(?:"leaf":(".*")|"hash":"([A-Za-z0-9+/]{43}=)"),"proof":\[((?:"[A-Za-z0-9+/]{43}=",?)*)\],"seq":(0|[1-9][0-9]{0,15})\}$/s;

/**
 * `null` when the line is not framed exactly as an entry of this scope is written. No general JSON parser sees the
 * frame, so there are no doubled keys, spaces or extra members to read in two ways.
 */
export function parseEntryLine(line: string, scope: BundleScope): BundleEntry | null {
  const found = (scope === "all" ? FULL_ENTRY : SELECTED_ENTRY).exec(line);
  const seqText = found?.[4] ?? "";
  const seq = Number(seqText);
  const text = readText(found?.[scope === "all" ? 2 : 1], found?.[scope === "all" ? 3 : 2]);
  if (seqText === "" || !Number.isSafeInteger(seq) || text === null) return null;
  if (scope === "all") return { scope, seq, ...text, chain: found?.[1] ?? "" };
  const proof = readHashes(parseList(found?.[3] ?? ""));
  return proof && { scope, seq, ...text, proof };
}

function readText(literal: string | undefined, pruned: string | undefined): EntryText | null {
  if (pruned !== undefined) {
    const hash = fromBase64(pruned);
    return hash && { leaf: null, hash };
  }
  const leaf = parseText(literal ?? "");
  return leaf === null ? null : { leaf, hash: null };
}

function parseText(literal: string): string | null {
  try {
    const text: JsonValue = JSON.parse(literal);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

function parseList(items: string): JsonValue | undefined {
  try {
    const list: JsonValue = JSON.parse(`[${items}]`);
    return list;
  } catch {
    return undefined;
  }
}
