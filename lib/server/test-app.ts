import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SCOPES, type Role } from "#lib/domain/access/permissions.ts";
import { newLinkSecret } from "./auth/secrets.ts";
import { type App, createApp } from "./composition.ts";
import { type TestDatabase, testDatabase } from "./db/test-database.ts";
import { readControlPlaneSettings } from "./env.ts";
import { bootstrapInstall } from "./install/bootstrap-install.ts";
import { newId } from "./new-id.ts";
import { type Actor, type CallContext, systemActor } from "./ports.ts";
import { personActor } from "./auth/actors.ts";

export type TestApp = {
  readonly app: App;
  readonly database: TestDatabase;
  /** The address `bootstrap-install` gave. */
  readonly address: string;
  close(): Promise<void>;
};

export const TEST_CONTEXT: CallContext = { requestId: "test-request", ip: "192.0.2.1", userAgent: "test", idempotencyKey: null };

/** A whole control plane on a database and a data directory of its own, set up as at a first start. For tests only. */
export async function testApp(
  options: { readonly demo?: boolean; readonly variables?: Readonly<Record<string, string>> } = {},
): Promise<TestApp> {
  const database = await testDatabase();
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-app-"));
  const app = createApp(
    readControlPlaneSettings({
      NODE_ENV: "test",
      DATABASE_URL: database.appUrl,
      SLIPWAY_DATA_DIR: directory,
      SLIPWAY_SECRET: newLinkSecret(),
      SLIPWAY_PUBLIC_URL: "http://127.0.0.1:3000",
      SLIPWAY_LOG_LEVEL: "silent",
      SLIPWAY_REQUESTS_PER_SECOND: "100000",
      ...options.variables,
    }),
  );
  const close = async (): Promise<void> => {
    await app.stop();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const address = await bootstrapInstall({
      store: app.store,
      trail: app.trail,
      publicUrl: app.settings.publicUrl,
      demo: options.demo ?? false,
      onThisMachineOnly: app.onThisMachineOnly,
      installId: null,
      runtimeTokenFile: path.join(directory, "secrets", "runtime-token"),
    });
    return { app, database, address, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A person with these roles everywhere, signed in. */
export async function testPerson(app: App, name: string, roles: readonly Role[]): Promise<Actor> {
  const id = newId();
  await app.store.write(async ({ uow, appendAudit }) => {
    const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
    await uow.people.insertPerson({ id, email, name, personId: id, passwordHash: null, demo: false });
    for (const role of roles) {
      await uow.people.insertGrant({ id: newId(), userId: id, role, environmentId: null, grantedById: null });
    }
    const actor = systemActor("Test");
    const draft = { action: "user.created", targets: [{ type: "user", id, name, digest: null }] } as const;
    await appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false });
  });
  const person = await app.store.read((db) => db.people.getPerson(id));
  return personActor(person, "password", null, TEST_CONTEXT);
}

/** A token that acts for this person with this role and every scope. */
export async function testToken(app: App, person: Actor, role: Role): Promise<string> {
  const owner = person.userId === null ? null : await app.store.read((db) => db.people.getPerson(person.userId ?? ""));
  if (role === "policy" || role === "system") throw new Error("No token has this role.");
  const created = await app.tokens.createLocalToken(systemActor("Test"), {
    name: `${person.name} ${role}`,
    role,
    scopes: [...SCOPES],
    expiresInDays: 1,
    ...(owner === null || role === "runtime" ? {} : { email: owner.email }),
  });
  return created.token;
}
