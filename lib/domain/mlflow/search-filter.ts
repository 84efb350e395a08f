/** The filter and ordering language of MLflow's registry searches: clauses joined by AND, nothing else. After mlflow/utils/search_utils.py. */

export type FilterField = { readonly kind: "attribute"; readonly name: string } | { readonly kind: "tag"; readonly key: string };
export const FILTER_OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "IN"] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];
export type FilterClause = {
  readonly field: FilterField;
  readonly operator: FilterOperator;
  /** More than one only after IN. */
  readonly values: readonly string[];
};

/** What may be compared, and how. */
export type FilterRules = {
  readonly attributes: Readonly<Record<string, readonly FilterOperator[]>>;
  readonly numeric: readonly string[];
};

const TEXT: readonly FilterOperator[] = ["=", "!=", "LIKE", "ILIKE"];
export const MODEL_FILTER: FilterRules = { attributes: { name: TEXT }, numeric: [] };
export const VERSION_FILTER: FilterRules = {
  attributes: {
    name: TEXT,
    run_id: [...TEXT, "IN"],
    source_path: TEXT,
    version_number: ["=", "!=", ">", ">=", "<", "<="],
  },
  numeric: ["version_number"],
};

const MAX_CHARS = 4_000;
const MAX_CLAUSES = 40;

/** One message for people; the caller makes it an INVALID_PARAMETER_VALUE. */
export class FilterProblem extends Error {
  override readonly name = "FilterProblem";
}

type Token = { readonly kind: "word" | "string" | "operator" | "punctuation"; readonly text: string };

const TOKEN =
  /\s*(?:(?<operator>!=|>=|<=|=|>|<)|(?<punctuation>[(),])|'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<word>(?:[^\s=!<>(),'"`]|`[^`]*`)+))/y;

function tokensOf(text: string): Token[] {
  if (text.length > MAX_CHARS) throw new FilterProblem(`The filter is longer than ${MAX_CHARS} characters.`);
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw new FilterProblem(`Invalid clause(s) in filter string: '${text.slice(at).trim().slice(0, 80)}'`);
    const { operator, punctuation, single, double, word } = groups;
    if (operator !== undefined) tokens.push({ kind: "operator", text: operator });
    else if (punctuation !== undefined) tokens.push({ kind: "punctuation", text: punctuation });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else tokens.push({ kind: "string", text: (single ?? double ?? "").replaceAll(/\\(.)/g, "$1") });
  }
  return tokens;
}

const unquoted = (key: string): string => (/^`.*`$/s.test(key) ? key.slice(1, -1) : key);

function fieldOf(word: string): FilterField {
  const [, prefix = "", key = ""] = /^(tags?|attributes?|attr|metadata)\.(.+)$/is.exec(word) ?? [];
  if (prefix === "") return { kind: "attribute", name: unquoted(word) };
  return prefix.toLowerCase().startsWith("tag") ? { kind: "tag", key: unquoted(key) } : { kind: "attribute", name: unquoted(key) };
}

/** Reads tokens from left to right. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }
  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }
  next(): Token | null {
    const token = this.#tokens[this.#at] ?? null;
    this.#at += 1;
    return token;
  }
  take(kind: Token["kind"], what: string): string {
    const token = this.next();
    if (token?.kind !== kind) throw new FilterProblem(`Invalid clause(s) in filter string: expected ${what}, found '${token?.text ?? "the end"}'.`);
    return token.text;
  }
}

function operatorOf(token: Token | null): FilterOperator {
  const text = token?.text.toUpperCase();
  const found = FILTER_OPERATORS.find((operator) => operator === text);
  if (found === undefined || token?.kind === "string") throw new FilterProblem(`Invalid comparator in filter string: '${token?.text ?? "the end"}'.`);
  return found;
}

function listOf(reader: Reader): string[] {
  if (reader.take("punctuation", "(") !== "(") throw new FilterProblem("A list after IN begins with '('.");
  const values: string[] = [];
  for (;;) {
    values.push(reader.take("string", "a quoted value"));
    const mark = reader.take("punctuation", "',' or ')'");
    if (mark === ")") return values;
    if (mark !== ",") throw new FilterProblem("Values of a list are parted by commas.");
  }
}

function valuesOf(reader: Reader, operator: FilterOperator, isNumber: boolean): readonly string[] {
  if (operator === "IN") return listOf(reader);
  if (!isNumber) return [reader.take("string", "a quoted value")];
  const number = reader.next()?.text ?? "";
  if (!/^-?\d{1,9}$/.test(number)) throw new FilterProblem(`Expected a whole number, found '${number}'.`);
  return [number];
}

function requireAllowed(field: FilterField, operator: FilterOperator, rules: FilterRules): void {
  if (field.kind === "tag") {
    if (TEXT.includes(operator)) return;
    throw new FilterProblem(`Invalid comparator '${operator}' for a tag; use =, !=, LIKE or ILIKE.`);
  }
  const allowed = rules.attributes[field.name];
  if (allowed === undefined) {
    throw new FilterProblem(`Invalid attribute name: '${field.name}'. Expected one of ${Object.keys(rules.attributes).join(", ")}, or tags.<key>.`);
  }
  if (!allowed.includes(operator)) throw new FilterProblem(`Invalid comparator '${operator}' for attribute '${field.name}'.`);
}

/** Clauses of a filter, all of which must hold. Throws `FilterProblem`. */
export function parseFilter(text: string, rules: FilterRules): FilterClause[] {
  const reader = new Reader(tokensOf(text));
  const clauses: FilterClause[] = [];
  while (!reader.isAtEnd) {
    if (clauses.length > 0 && reader.take("word", "AND").toUpperCase() !== "AND") {
      throw new FilterProblem("Invalid clause(s) in filter string: clauses are joined by AND only.");
    }
    const field = fieldOf(reader.take("word", "a name"));
    const operator = operatorOf(reader.next());
    requireAllowed(field, operator, rules);
    const values = valuesOf(reader, operator, field.kind === "attribute" && rules.numeric.includes(field.name));
    clauses.push({ field, operator, values });
    if (clauses.length > MAX_CLAUSES) throw new FilterProblem(`The filter has more than ${MAX_CLAUSES} clauses.`);
  }
  return clauses;
}

export type OrderTerm = { readonly key: string; readonly descending: boolean };
export const MODEL_ORDER = ["name", "creation_timestamp", "last_updated_timestamp"] as const;
export const VERSION_ORDER = ["name", "version_number", "creation_timestamp", "last_updated_timestamp"] as const;

/** Terms of an `order_by`, each `key [ASC|DESC]`. Throws `FilterProblem`. */
export function parseOrder(terms: readonly string[], keys: readonly string[]): OrderTerm[] {
  return terms.map((term) => {
    const [, name = "", direction = "ASC"] = /^\s*(?:attributes?\.)?`?([a-z_]+)`?(?:\s+(asc|desc))?\s*$/i.exec(term) ?? [];
    // The older spelling of the same column.
    const key = name === "timestamp" ? "creation_timestamp" : name;
    if (!keys.includes(key)) throw new FilterProblem(`Invalid order_by clause '${term.slice(0, 80)}'. Expected one of ${keys.join(", ")}, with ASC or DESC.`);
    return { key, descending: direction.toUpperCase() === "DESC" };
  });
}
