import { randomUUID } from "node:crypto";
import { AppError } from "#lib/domain/errors.ts";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { newLinkSecret, secretHash } from "../auth/secrets.ts";
import type { LinkPurpose } from "../db/link-repository.ts";
import { type AuditDraft, systemActor } from "../ports.ts";
import type { Store, WritableTransaction } from "../store.ts";
import { issueToken } from "../tokens/create-token.ts";
import { DEMO_PEOPLE, ensureDemoPeople } from "./demo-people.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const SIGN_IN_MINUTES = 10;
const FIRST_ADMINISTRATOR_MINUTES = 30;

export type BootstrapOptions = {
  readonly store: Store;
  trail(): Promise<AuditTrail>;
  readonly publicUrl: string;
  /** Wanted only where the installation is new; what it once became it stays. */
  readonly demo: boolean;
  readonly onThisMachineOnly: boolean;
  readonly installId: string | null;
  readonly runtimeTokenFile: string;
};

const operator = systemActor("Start-up");

const append = ({ appendAudit }: WritableTransaction, drafts: readonly [AuditDraft, ...AuditDraft[]]) =>
  appendAudit({ drafts, actor: operator, context: operator.context, forceCheckpoint: false });

/**
 * What an installation needs before it serves: its identity, the key of its audit trail, the token of the local runtime, and a way in for a person.
 * Run at every start after the migrations; what is there already is left alone. Answers the address to open.
 */
export async function bootstrapInstall(options: BootstrapOptions): Promise<string> {
  const { store, trail, publicUrl } = options;
  const demo = await ensureInstall(options);
  if (demo && !options.onThisMachineOnly) {
    throw new AppError("conflict", "This installation is the demonstration, whose people need no password: it serves this machine only.", {
      hint: "Set SLIPWAY_HOST and SLIPWAY_PUBLIC_URL to 127.0.0.1, or start another one with --empty and its own SLIPWAY_DATA_DIR.",
    });
  }
  await trail();
  await ensureRuntimeToken(store, options.runtimeTokenFile);
  if (demo) {
    await ensureDemoPeople(store);
    const lead = await store.read((db) => db.people.findPersonByEmail(DEMO_PEOPLE[0].email));
    if (lead === null) throw new Error("The demonstration has nobody to sign in as.");
    return linkTo(publicUrl, await newLink(store, "sign_in", lead, SIGN_IN_MINUTES));
  }
  const isOpen = !(await store.read((db) => db.people.hasAdministrator()));
  return isOpen
    ? linkTo(publicUrl, await newLink(store, "first_administrator", null, FIRST_ADMINISTRATOR_MINUTES))
    : publicUrl;
}

const linkTo = (publicUrl: string, secret: string): string => `${publicUrl}/welcome?key=${secret}`;

async function ensureInstall({ store, installId, demo }: BootstrapOptions): Promise<boolean> {
  const known = await store.read((db) => db.install.findInstall());
  if (known !== null) return known.demo;
  return store.write(async (transaction) => {
    const id = installId ?? randomUUID();
    if (await transaction.uow.install.insertInstall(id, demo)) {
      const target = { type: "install", id, name: null, digest: null };
      await append(transaction, [{ action: "install.created", targets: [target], after: { demo } }]);
    }
    return demo;
  });
}

/** The runtime beside us on this machine finds its token in this file. A token that no longer works is replaced. */
async function ensureRuntimeToken(store: Store, file: string): Promise<void> {
  const kept = await readPrivateFile(file);
  if (kept !== null) {
    const record = await store.read((db) => db.tokens.findTokenByHash(secretHash(kept)));
    if (record !== null && record.revokedAt === null && record.expiresAt === null) return;
  }
  const token = await store.write(async (transaction) => {
    const { result, audit } = await issueToken(transaction.uow, {
      name: "local runtime",
      role: "runtime",
      scopes: ["runtime"],
      userId: null,
      createdById: null,
      // A runtime must not fall silent on a date; whoever can read the file can make another.
      expiresAt: null,
    });
    await append(transaction, [audit]);
    return result.token;
  });
  await writePrivateFile(file, token);
}

async function newLink(
  store: Store,
  purpose: LinkPurpose,
  person: { readonly id: string; readonly name: string } | null,
  minutes: number,
): Promise<string> {
  const secret = newLinkSecret();
  await store.write(async (transaction) => {
    const { uow, now } = transaction;
    const expiresAt = new Date(now.getTime() + minutes * 60_000);
    await uow.links.voidLinks(purpose, person?.id ?? null, now);
    await uow.links.insertLink({ tokenHash: secretHash(secret), purpose, userId: person?.id ?? null, expiresAt });
    const targets = person === null ? [] : [{ type: "user", id: person.id, name: person.name, digest: null }];
    await append(transaction, [
      { action: "invitation.created", targets, after: { purpose, expiresAt: expiresAt.toISOString() } },
    ]);
  });
  return secret;
}
