import { createHash } from "node:crypto";
import { canonicalJson, type JsonValue } from "#lib/domain/audit/canonical-json.ts";

/** `sha256:<64 hex>` of a JSON value in canonical form (RFC 8785): equal content, equal digest. */
export function contentDigest(value: JsonValue): string {
  return `sha256:${createHash("sha256").update(canonicalJson(value)).digest("hex")}`;
}

/** What a version's digest covers: its files by role, name and digest, in a fixed order. */
export function filesDigest(files: readonly { role: string; name: string; digest: string }[]): string {
  const rows = files.map((file) => [file.role, file.name, file.digest] as const);
  return contentDigest([...rows].sort((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1)));
}

/** A plain JSON copy, for values whose type allows more than JSON does. */
export const asJson = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

/** `sha256:<64 hex>` of a text as it stands. */
export const textDigest = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
