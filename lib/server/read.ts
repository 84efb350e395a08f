import type { z } from "zod";
import { type Permission, allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { type Located, authorise, recordDenial } from "./access.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { Actor, ReadModels } from "./ports.ts";
import type { Store } from "./store.ts";

type QueryContext<I> = {
  readonly db: ReadModels;
  readonly actor: Actor;
  readonly input: I;
  /** Database clock at the snapshot. */
  readonly now: Date;
  /** Call once with what was loaded, before anything of it is answered. */
  authorise(located: Located): void;
};

export type Query<I, R> = (store: Store) => (actor: Actor, input: I) => Promise<R>;

/**
 * One read for one page or one API answer, on a connection that refuses writes, from one snapshot, so that the numbers on a page agree.
 * `permission` is asked for anywhere at first; `run` then narrows: `environmentsAllowed(actor, ...)` in the `where` of a list,
 * `authorise(located)` for a single object.
 */
export function query<S extends z.ZodType, R>(spec: {
  readonly name: string;
  readonly permission: Permission;
  /** `one` object: refused sounds like missing. `many`: that the list exists is no secret. */
  readonly of: "one" | "many";
  readonly input: S;
  run(context: QueryContext<z.output<S>>): Promise<R>;
}): Query<z.input<S>, R> {
  return (store) => async (actor, raw) => {
    const input = spec.input.parse(raw);
    let found: Located | null = null;
    try {
      if (spec.of === "one" && !allowsSomewhere(actor, spec.permission)) throw notFound();
      authorise(actor, spec.permission, null);
      return await store.readSnapshot((db, now) =>
        spec.run({
          db,
          actor,
          input,
          now,
          authorise: (located) => {
            found = located;
            authorise(actor, spec.permission, located);
          },
        }),
      );
    } catch (error) {
      await recordDenial(store, actor, spec, found, error);
      throw error;
    }
  };
}
