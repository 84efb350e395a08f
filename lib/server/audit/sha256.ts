import { hash } from "node:crypto";
import type { HashFunction } from "#lib/domain/audit/bytes.ts";

/** The hash of the audit trail. */
export const sha256: HashFunction = (bytes) => hash("sha256", bytes, "buffer");
