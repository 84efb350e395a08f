import type { AuditTrail } from "./audit/audit-trail.ts";
import { isDisagreement } from "./audit/witness/witness-desk.ts";
import type { InstallRecord } from "./db/install-repository.ts";
import type { Store } from "./store.ts";

export type Check = { readonly name: string; readonly ok: boolean; readonly blocking: boolean; readonly message: string };

/** Whether this process can do its work, and what is in the way. Meant for `/readyz`: no secrets, no addresses. */
export type Readiness = { readonly ready: boolean; readonly checks: readonly Check[] };

/** Asks the database, then the audit trail. Never rejects. */
export async function readinessOf(parts: {
  readonly store: Store;
  install(): Promise<InstallRecord>;
  trail(): Promise<AuditTrail>;
  /** Names of the witnesses of checkpoints that are set up. */
  readonly witnesses: readonly string[];
}): Promise<Readiness> {
  const checks: Check[] = [];
  const isUp = await parts.store
    .read((db) => db.clock.databaseNow())
    .then(() => true)
    .catch(() => false);
  checks.push(check("database", isUp, "The database does not answer."));
  if (isUp) {
    const isSetUp = await parts.install().then(() => true, () => false);
    checks.push(check("install", isSetUp, "This installation is not set up."));
    if (isSetUp) checks.push(...(await trailChecks(parts.trail)), ...(await witnessChecks(parts.store, parts.witnesses)));
  }
  return { ready: checks.every(({ ok, blocking }) => ok || !blocking), checks };
}

const check = (name: string, ok: boolean, problem: string): Check => ({
  name,
  ok,
  blocking: true,
  message: ok ? "ok" : problem,
});

/** What witnesses said when they were last asked. Not blocking: a witness that somebody else writes to must not stop releases. */
async function witnessChecks(store: Store, configured: readonly string[]): Promise<readonly Check[]> {
  const standings = await store.read((db) => db.witnessing.witnessStandings());
  return standings
    .filter(({ name, verdict }) => configured.includes(name) && isDisagreement({ verdict }))
    .map(({ name, message }) => ({ name: "AUDIT_WITNESS_DISAGREES", ok: false, blocking: false, message: `The witness ${name} does not agree with the audit trail. ${message ?? ""}` }));
}

async function trailChecks(trail: () => Promise<AuditTrail>): Promise<readonly Check[]> {
  try {
    const problems = await (await trail()).check();
    if (problems.length === 0) return [check("audit", true, "")];
    return problems.map(({ code, message, blocking }) => ({ name: code, ok: false, blocking, message }));
  } catch (error) {
    return [check("audit", false, error instanceof Error ? error.message : "The audit trail cannot be opened.")];
  }
}
