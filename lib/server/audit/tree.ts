import type { AuditStore } from "./audit-store.ts";
import type { Frontier } from "#lib/domain/audit/merkle.ts";
import { frontierRoot, subtreesOf } from "#lib/domain/audit/merkle.ts";
import { sha256 } from "./sha256.ts";

/** The frontier the tree had at `size`, from stored subtrees: one query, at most 53 rows. */
export async function frontierAt(
  store: Pick<AuditStore, "nodes">,
  size: number,
): Promise<Frontier> {
  return { size, hashes: await store.nodes(subtreesOf({ start: 0, end: size })) };
}

export async function rootAt(store: Pick<AuditStore, "nodes">, size: number): Promise<Uint8Array> {
  return frontierRoot(await frontierAt(store, size), sha256);
}
