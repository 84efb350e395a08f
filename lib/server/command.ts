import type { z } from "zod";
import type { Permission } from "#lib/domain/access/permissions.ts";
import { type Located, authorise, recordDenial } from "./access.ts";
import type { Actor, AuditDrafts, UnitOfWork } from "./ports.ts";
import type { Store } from "./store.ts";

/** What an act leaves behind. Without `audit` it does not type-check. */
export type Changed<R> = {
  readonly result: R;
  readonly audit: AuditDrafts;
  /** Topics to wake beside those that follow from the audit targets. */
  readonly notify?: readonly string[];
  /** A signed checkpoint is owed at once: approvals, promotions, rollbacks. */
  readonly forceCheckpoint?: boolean;
};

/** Nothing was to be done. The transaction is rolled back, so this cannot hide a change. */
export type Unchanged<R> = { readonly unchanged: true; readonly result: R };
export const unchanged = <R>(result: R): Unchanged<R> => ({ unchanged: true, result });

type CommandContext<I, L> = {
  readonly tx: UnitOfWork;
  readonly actor: Actor;
  readonly input: I;
  /** Database clock, start of the transaction. */
  readonly now: Date;
  readonly located: L;
};

type Spec<S extends z.ZodType, L extends Located | null, R> = {
  /** Verb and noun, as in the audit entry of a refused attempt: `approve-release`. */
  readonly name: string;
  readonly permission: Permission;
  readonly input: S;
  run(context: CommandContext<z.output<S>, L>): Promise<Changed<R> | Unchanged<R>>;
};

type Locating<S extends z.ZodType, L extends Located | null> = {
  /**
   * Loads what the permission depends on: the object and its environment. Throws `notFound()` when it is missing.
   * Left out (`L` is null) for acts on no object: then the permission anywhere is enough.
   */
  readonly locate?: (context: {
    readonly tx: UnitOfWork;
    readonly actor: Actor;
    readonly input: z.output<S>;
    readonly now: Date;
  }) => Promise<L>;
};

export type Command<I, R> = (store: Store) => (actor: Actor, input: I) => Promise<R>;

/**
 * The only way to a writable transaction: authorise, load, decide, one transaction with state and audit entry, wake listeners on commit.
 * `run` may be repeated after a deadlock, so it has no effect outside `tx`. A refusal for want of right is recorded as
 * `access.denied` in a transaction of its own, after the first one has been rolled back.
 */
export function command<S extends z.ZodType, R, L extends Located | null = null>(
  spec: Locating<S, L> & Spec<S, L, R>,
): Command<z.input<S>, R> {
  return (store) => async (actor, raw) => {
    const input = spec.input.parse(raw);
    let found: Located | null = null;
    try {
      return await store.write(async ({ uow: tx, now, appendAudit, publish }) => {
        found = null;
        const outcome = await (async () => {
          // Without `locate` nothing but the default null can be the type of `located`.
          const located = spec.locate ? await spec.locate({ tx, actor, input, now }) : (null as L);
          found = located;
          authorise(actor, spec.permission, located);
          return spec.run({ tx, actor, input, now, located });
        })();
        if ("unchanged" in outcome) throw new NothingToDo(outcome.result);
        const drafts = isList(outcome.audit) ? outcome.audit : ([outcome.audit] as const);
        await publish(outcome.notify ?? []);
        await appendAudit({
          drafts,
          actor,
          context: actor.context,
          forceCheckpoint: outcome.forceCheckpoint === true,
        });
        return outcome.result;
      });
    } catch (error) {
      if (error instanceof NothingToDo) return error.result as R;
      await recordDenial(store, actor, spec, found, error);
      throw error;
    }
  };
}

const isList = (drafts: AuditDrafts): drafts is Extract<AuditDrafts, readonly unknown[]> => Array.isArray(drafts);

/** Carries the answer out of a transaction that must be rolled back. */
class NothingToDo extends Error {
  readonly result: unknown;
  constructor(result: unknown) {
    super("nothing to do");
    this.result = result;
  }
}
