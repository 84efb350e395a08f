import { AppError, isDenial, notFound } from "#lib/domain/errors.ts";
import { type Permission, allows, allowsSomewhere, readPermissionFor } from "#lib/domain/access/permissions.ts";
import type { Actor, AuditDraft, AuditTarget } from "./ports.ts";
import type { Store } from "./store.ts";

/** The object an act is about, as far as access depends on it. */
export type Located = {
  /** Null for objects that live in no environment. */
  readonly environmentId: string | null;
  readonly targets: readonly AuditTarget[];
};

/** Refuses unless they may. What they may not even read is answered as if it did not exist. */
export function authorise(actor: Actor, permission: Permission, located: Located | null): void {
  if (located === null) {
    if (!allowsSomewhere(actor, permission)) throw lacking(permission);
    return;
  }
  if (allows(actor, permission, located.environmentId)) return;
  throw allows(actor, readPermissionFor(permission), located.environmentId) ? lacking(permission) : notFound();
}

const lacking = (permission: Permission): AppError =>
  new AppError("forbidden", "Your roles do not include this act.", {
    hint: "Ask an administrator which role you need, or somebody who holds it.",
    details: { permission },
  });

/**
 * Writes a refusal for want of right into the trail as `access.denied`, in a transaction of its own. Any other error leaves no entry.
 * What was found but answered as missing is recorded too: the asker may not know of it, the trail must.
 */
export async function recordDenial(
  store: Store,
  actor: Actor,
  attempt: { readonly name: string; readonly permission: Permission },
  located: Located | null,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError)) return;
  const isHidden = error.code === "not_found" && (located !== null || !allowsSomewhere(actor, attempt.permission));
  if (!isDenial(error.code) && !isHidden) return;
  const draft: AuditDraft = {
    action: "access.denied",
    outcome: "denied",
    targets: located?.targets ?? [],
    after: { act: attempt.name, permission: attempt.permission, code: error.code },
  };
  await store.write(({ appendAudit }) =>
    appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false }),
  );
}
