import type { FilterClause, FilterOperator, OrderTerm } from "#lib/domain/mlflow/search-filter.ts";
import { Prisma } from "./generated/client.ts";

/** Recent clients ask for models that are no prompts by a tag that models do not have: absent means false. */
const PROMPT_TAG = "mlflow.prompt.is_prompt";

const COMPARE: Readonly<Record<Exclude<FilterOperator, "IN">, Prisma.Sql>> = {
  "=": Prisma.sql`=`, "!=": Prisma.sql`<>`, ">": Prisma.sql`>`, ">=": Prisma.sql`>=`, "<": Prisma.sql`<`, "<=": Prisma.sql`<=`,
  LIKE: Prisma.sql`LIKE`, ILIKE: Prisma.sql`ILIKE`,
};

function compared(column: Prisma.Sql, { operator, values }: FilterClause, cast: Prisma.Sql): Prisma.Sql {
  if (operator === "IN") return Prisma.sql`${column} = ANY(${[...values]}::text[])`;
  return Prisma.sql`${column} ${COMPARE[operator]} ${values[0] ?? ""}${cast}`;
}

function tagCondition(subject: Prisma.Sql, clause: FilterClause, key: string): Prisma.Sql {
  const has = Prisma.sql`EXISTS (SELECT 1 FROM "RegistryTag" t WHERE t."subjectId" = ${subject} AND t."key" = ${key} AND ${compared(Prisma.sql`t."value"`, clause, Prisma.empty)})`;
  const [value = ""] = clause.values;
  const isAbsentMeant = key === PROMPT_TAG && ((clause.operator === "=" && value === "false") || (clause.operator === "!=" && value === "true"));
  if (!isAbsentMeant) return has;
  return Prisma.sql`(${has} OR NOT EXISTS (SELECT 1 FROM "RegistryTag" t WHERE t."subjectId" = ${subject} AND t."key" = ${key}))`;
}

function where(clauses: readonly FilterClause[], subject: Prisma.Sql, columns: Readonly<Record<string, Prisma.Sql>>): Prisma.Sql {
  const all = clauses.map((clause) => {
    if (clause.field.kind === "tag") return tagCondition(subject, clause, clause.field.key);
    const column = columns[clause.field.name];
    if (column === undefined) throw new Error(`no column for ${clause.field.name}`);
    return compared(column, clause, clause.field.name === "version_number" ? Prisma.sql`::int` : Prisma.empty);
  });
  return all.length === 0 ? Prisma.sql`TRUE` : Prisma.join(all, " AND ");
}

export const modelWhere = (clauses: readonly FilterClause[]): Prisma.Sql => where(clauses, Prisma.sql`r."modelId"`, { name: Prisma.sql`r."name"` });

export const entryWhere = (clauses: readonly FilterClause[]): Prisma.Sql =>
  where(clauses, Prisma.sql`e."id"`, {
    name: Prisma.sql`r."name"`,
    run_id: Prisma.sql`coalesce(e."runId", '')`,
    source_path: Prisma.sql`coalesce(e."source", '')`,
    version_number: Prisma.sql`e."number"`,
  });

const KEYS = {
  model: { name: Prisma.sql`r."name" COLLATE "C"`, creation_timestamp: Prisma.sql`r."createdAt"`, last_updated_timestamp: Prisma.sql`r."updatedAt"` },
  version: {
    name: Prisma.sql`r."name" COLLATE "C"`, version_number: Prisma.sql`e."number"`,
    creation_timestamp: Prisma.sql`e."createdAt"`, last_updated_timestamp: Prisma.sql`e."updatedAt"`,
  },
} as const;

/** The order asked for, ended so that it is total: by name, then newest version first. */
export function orderSql(order: readonly OrderTerm[], of: keyof typeof KEYS): Prisma.Sql {
  const keys: Readonly<Record<string, Prisma.Sql>> = KEYS[of];
  // MLflow lists versions by their last change unless asked otherwise.
  const asked = order.length === 0 && of === "version" ? [{ key: "last_updated_timestamp", descending: true }] : order;
  const terms = asked.map(({ key, descending }) => Prisma.sql`${keys[key] ?? Prisma.sql`1`} ${descending ? Prisma.sql`DESC` : Prisma.sql`ASC`}`);
  const last = of === "model" ? Prisma.sql`r."name" COLLATE "C" ASC` : Prisma.sql`r."name" COLLATE "C" ASC, e."number" DESC`;
  return Prisma.join([...terms, last], ", ");
}
