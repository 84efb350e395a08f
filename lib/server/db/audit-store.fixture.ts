import { Client, Pool } from "pg";
import type { AuditStore, AuditTransactions } from "#lib/server/audit/audit-store.ts";
import { createAuditStore } from "./audit-store.ts";

/** The audit store over plain pg, for tests that need connections, roles and statements of their own. */

export function pgAuditStore(client: Client | Pool | { query: Client["query"] }): AuditStore {
  return createAuditStore(
    async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
  );
}

export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

export function pgTransactions(pool: Pool, begin = "BEGIN"): AuditTransactions {
  return async (work) => {
    const client = await pool.connect();
    try {
      await client.query(begin);
      const result = await work(pgAuditStore(client));
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  };
}

/** A pool that does not end the test process when the server drops it. */
export function openPool(url: string, max = 10): Pool {
  const pool = new Pool({ connectionString: url, max });
  pool.on("error", () => undefined);
  return pool;
}
