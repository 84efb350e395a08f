import { AppError } from "#lib/domain/errors.ts";

/** What happened inside the database, as far as the caller's next step depends on it. */
export type DatabaseFault = "conflict" | "unique" | "foreign_key" | "timeout" | "unreachable" | "other";

const SQLSTATE_FAULT: Readonly<Record<string, DatabaseFault>> = {
  "40001": "conflict",
  "40P01": "conflict",
  "23505": "unique",
  "23503": "foreign_key",
  "55P03": "timeout",
  "57014": "timeout",
  "25P03": "timeout",
  "57P01": "unreachable",
  "57P02": "unreachable",
  "57P03": "unreachable",
  "53300": "unreachable",
};

const PRISMA_FAULT: Readonly<Record<string, DatabaseFault>> = {
  P2034: "conflict",
  P2002: "unique",
  P2003: "foreign_key",
  P2024: "timeout",
  P2028: "timeout",
  P1001: "unreachable",
  P1002: "unreachable",
  P1008: "timeout",
  P1017: "unreachable",
};

const KIND_FAULT: Readonly<Record<string, DatabaseFault>> = {
  TransactionWriteConflict: "conflict",
  UniqueConstraintViolation: "unique",
  ForeignKeyConstraintViolation: "foreign_key",
  DatabaseNotReachable: "unreachable",
  ConnectionClosed: "unreachable",
  SocketTimeout: "timeout",
  TooManyConnections: "unreachable",
};

const SOCKET_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ETIMEDOUT",
]);

const text = (value: unknown, key: string): string | null => {
  if (typeof value !== "object" || value === null || !(key in value)) return null;
  const member: unknown = Reflect.get(value, key);
  return typeof member === "string" ? member : null;
};

const member = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && key in value ? Reflect.get(value, key) : undefined;

/** The error and everything that it carries as a cause, outermost first; bounded, because causes may form a ring. */
function chain(error: unknown): unknown[] {
  const found: unknown[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < 12) {
    const next = waiting.shift();
    if (typeof next !== "object" || next === null || found.includes(next)) continue;
    found.push(next);
    waiting.push(member(next, "cause"), member(next, "meta"), member(next, "driverAdapterError"));
  }
  return found;
}

/** Classifies any thrown value; `null` when it is no database error. */
export function databaseFault(error: unknown): DatabaseFault | null {
  let seen: DatabaseFault | null = null;
  for (const link of chain(error)) {
    const code = text(link, "code") ?? "";
    const fault =
      SQLSTATE_FAULT[text(link, "originalCode") ?? ""] ??
      KIND_FAULT[text(link, "kind") ?? ""] ??
      PRISMA_FAULT[code] ??
      SQLSTATE_FAULT[code] ??
      (SOCKET_CODES.has(code) ? "unreachable" : undefined);
    if (fault !== undefined) return fault;
    if (/^P\d{4}$/.test(code) || (text(link, "name") ?? "").startsWith("PrismaClient")) seen = "other";
  }
  return seen;
}

/** Faults of the moment as refusals that say when to come back; anything else is thrown on unchanged. */
export function asRefusal(error: unknown): unknown {
  switch (databaseFault(error)) {
    case "conflict":
    case "timeout":
      return new AppError("busy", "The database is busy with the same records. Nothing was changed.", {
        hint: "Try again in a few seconds.",
        retryAfterSeconds: 2,
        cause: error,
      });
    case "unreachable":
      return new AppError("unavailable", "The database cannot be reached.", {
        hint: "Serving goes on without it. Look at the state when it is back before you repeat the act.",
        retryAfterSeconds: 5,
        cause: error,
      });
    case "unique":
      return new AppError("already_exists", "Something with the same name or key exists already.", { cause: error });
    case "foreign_key":
      return new AppError("conflict", "Something this refers to does not exist or is still in use.", { cause: error });
    case "other":
    case null:
      return error;
  }
}
