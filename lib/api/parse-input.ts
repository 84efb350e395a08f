import type { z } from "zod";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { fieldErrors } from "./problem.ts";
import { isStorableText } from "./read-body.ts";

/** Path parameters, of which Next gives none at all (undefined) to a path that has none. What cannot be a name or id of ours does not exist. */
export function parseParams<S extends z.ZodType>(schema: S, given: Readonly<Record<string, unknown>> | undefined): z.output<S> {
  const raw = given ?? {};
  const texts = Object.values(raw).flat();
  if (texts.some((text) => typeof text === "string" && !isStorableText(text))) throw notFound();
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw notFound();
  return parsed.data;
}

/** Query parameters: each at most once, none that is not known. A name that needs several values takes them with commas. */
export function parseQuery<S extends z.ZodType>(schema: S, search: URLSearchParams): z.output<S> {
  const names = [...search.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidQuery([{ pointer: `/${twice}`, message: "This is given twice." }]);
  const raw = Object.fromEntries(search);
  const broken = Object.entries(raw).find((entry) => !entry.every(isStorableText));
  if (broken !== undefined) throw invalidQuery([{ pointer: "", message: "A text holds a character that cannot be." }]);
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw invalidQuery(fieldErrors(parsed.error));
  return parsed.data;
}

function invalidQuery(errors: readonly { readonly pointer: string; readonly message: string }[]): AppError {
  return new AppError("invalid_input", "The query in the address is not valid.", { errors });
}
