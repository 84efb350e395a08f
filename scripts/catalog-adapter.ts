import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";

const CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * Prisma's adapter refuses PostgreSQL's one-letter type `"char"`, in which the catalog answers some of the schema engine's questions.
 * This factory passes such columns as text and names their true type to the engine.
 */
export function catalogAdapter(connectionString: string): PrismaPg {
  const letters = new WeakMap<object, number[]>();
  const pool = new CatalogPool(connectionString, letters);
  const factory = new PrismaPg(pool, { disposeExternalPool: true });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      for (const column of letters.get(result.rows) ?? [])
        result.columnTypes[column] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  };
  return factory;
}

class CatalogPool extends Pool {
  readonly #letters: WeakMap<object, number[]>;

  constructor(connectionString: string, letters: WeakMap<object, number[]>) {
    super({ connectionString });
    this.#letters = letters;
  }

  override async query(...question: unknown[]): Promise<never> {
    const ask: (...words: unknown[]) => unknown = super.query.bind(this);
    const answer: unknown = await ask(...question);
    if (isResult(answer)) this.#renameLetters(answer);
    return answer as never;
  }

  #renameLetters(answer: PgResult): void {
    const columns: number[] = [];
    for (const [index, field] of answer.fields.entries()) {
      if (field.dataTypeID !== CHAR_OID) continue;
      field.dataTypeID = TEXT_OID;
      columns.push(index);
    }
    if (columns.length > 0) this.#letters.set(answer.rows, columns);
  }
}

type PgResult = { fields: { dataTypeID: number }[]; rows: object };

function isResult(value: unknown): value is PgResult {
  return (
    typeof value === "object" &&
    value !== null &&
    "fields" in value &&
    Array.isArray(value.fields) &&
    "rows" in value
  );
}
