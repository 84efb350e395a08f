import type { z } from "zod";
import type { App } from "#lib/server/composition.ts";
import type { Actor } from "#lib/server/ports.ts";

export type MlflowCall<S extends z.ZodType> = { readonly app: App; readonly actor: Actor; readonly input: z.output<S> };

/** One address of MLflow's protocol, as a value. `{id}` parts of the path join the input under their names. */
export type MlflowOperation = {
  readonly methods: readonly string[];
  readonly path: string;
  readonly input: z.ZodType;
  answer(app: App, actor: Actor, raw: unknown): Promise<object>;
};

export function mlflowOperation<S extends z.ZodType>(
  method: string | readonly string[],
  path: string,
  input: S,
  run: (call: MlflowCall<S>) => Promise<object>,
): MlflowOperation {
  return {
    methods: typeof method === "string" ? [method] : method,
    path,
    input,
    answer: async (app, actor, raw) => run({ app, actor, input: input.parse(raw) }),
  };
}
