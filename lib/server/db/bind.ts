/** A repository module with its first argument, the database handle, already given. */
export type Bound<D, M> = {
  readonly [K in keyof M as M[K] extends (db: D, ...rest: never[]) => unknown ? K : never]: M[K] extends (
    db: D,
    ...rest: infer A
  ) => infer R
    ? (...rest: A) => R
    : never;
};

export type BoundAll<D, R> = { readonly [K in keyof R]: Bound<D, R[K]> };

/**
 * Gives every function of every module the same handle. A use case then reads `tx.people.insertPerson(...)`
 * and never holds the handle itself, so it cannot reach past the repositories.
 */
export function bindAll<D, R extends Readonly<Record<string, object>>>(db: D, modules: R): BoundAll<D, R> {
  const bound = Object.entries(modules).map(([name, module]) => {
    const functions = Object.entries(module).filter(([, member]) => typeof member === "function");
    return [
      name,
      Object.fromEntries(
        functions.map(([key, member]) => [key, (...rest: unknown[]): unknown => member(db, ...rest)]),
      ),
    ];
  });
  return Object.fromEntries(bound);
}
