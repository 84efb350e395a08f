import { bumpDesiredRevision } from "./desired-state.ts";
import { type Role, type Scope, isPersonRole, isScope } from "#lib/domain/access/permissions.ts";
import type { Prisma } from "./generated/client.ts";
import { type PersonRecord, WITH_GRANTS, toPerson } from "./person-repository.ts";

type Db = Prisma.TransactionClient;

export type TokenRecord = {
  readonly id: string;
  readonly name: string;
  /** First characters, to recognise it by. */
  readonly prefix: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  /** CIDR or address; empty: anywhere. */
  readonly allowedIps: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** Null: made on the host, where nobody's roles bound it. */
  readonly createdById: string | null;
  readonly person: PersonRecord | null;
};

const WITH_PERSON = { user: { include: WITH_GRANTS } } as const satisfies Prisma.ApiTokenInclude;
type TokenRow = Prisma.ApiTokenGetPayload<{ include: typeof WITH_PERSON }>;

function toToken(row: TokenRow): TokenRecord | null {
  const role: Role | null = row.role === "runtime" ? "runtime" : isPersonRole(row.role) ? row.role : null;
  if (role === null) return null;
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role,
    scopes: row.scopes.filter(isScope),
    allowedIps: row.allowedIps,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    revokedAt: row.revokedAt,
    createdById: row.createdById,
    person: row.user ? toPerson(row.user) : null,
  };
}

export async function findTokenByHash(db: Db, tokenHash: string): Promise<TokenRecord | null> {
  const row = await db.apiToken.findUnique({ where: { tokenHash }, include: WITH_PERSON });
  return row ? toToken(row) : null;
}

export async function findToken(db: Db, id: string): Promise<TokenRecord | null> {
  const row = await db.apiToken.findUnique({ where: { id }, include: WITH_PERSON });
  return row ? toToken(row) : null;
}

export async function insertToken(
  db: Db,
  token: {
    readonly id: string;
    readonly name: string;
    readonly tokenHash: string;
    readonly prefix: string;
    readonly userId: string | null;
    readonly role: Role;
    readonly scopes: readonly Scope[];
    readonly allowedIps: readonly string[];
    readonly expiresAt: Date | null;
    readonly createdById: string | null;
  },
): Promise<void> {
  await db.apiToken.create({ data: { ...token, scopes: [...token.scopes], allowedIps: [...token.allowedIps] } });
  // Runtimes are told who may choose versions.
  if (token.scopes.includes("pin")) await bumpDesiredRevision(db);
}

/** True when this call revoked it. */
export async function revokeToken(db: Db, id: string, now: Date): Promise<boolean> {
  const { count } = await db.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } });
  if (count === 1 && (await db.apiToken.count({ where: { id, scopes: { has: "pin" } } })) > 0) await bumpDesiredRevision(db);
  return count === 1;
}

/** Newest first; of one person, or everybody's. At most 500. */
export async function listTokens(db: Db, userId: string | null): Promise<readonly TokenRecord[]> {
  const rows = await db.apiToken.findMany({
    where: userId === null ? {} : { userId },
    include: WITH_PERSON,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 500,
  });
  return rows.flatMap((row) => toToken(row) ?? []);
}

/** Tokens of service accounts, newest first. At most 500. */
export async function listServiceTokens(db: Db): Promise<readonly TokenRecord[]> {
  const rows = await db.apiToken.findMany({
    where: { user: { kind: "service" } }, include: WITH_PERSON, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 500,
  });
  return rows.flatMap((row) => toToken(row) ?? []);
}
