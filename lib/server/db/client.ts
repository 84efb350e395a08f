import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";
import { OneQueryClient } from "./one-query-client.ts";

export type DatabaseOptions = {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly maxConnections: number;
  /** The server itself refuses writes on these connections. */
  readonly readOnly: boolean;
  readonly onError: (error: Error) => void;
};

const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 60_000;

/**
 * A Prisma client on its own pool. pg's defaults are unlimited waits, so every limit is set here:
 * nothing waits for a lock longer than 5 s or runs longer than 10 s.
 */
export function openDatabase(options: DatabaseOptions): PrismaClient {
  const settings = [
    `lock_timeout=${LOCK_TIMEOUT_MS}`,
    `statement_timeout=${STATEMENT_TIMEOUT_MS}`,
    "idle_in_transaction_session_timeout=30000",
    "timezone=UTC",
    ...(options.readOnly ? ["default_transaction_read_only=on"] : []),
  ];
  const adapter = new PrismaPg(
    {
      connectionString: options.url,
      Client: OneQueryClient,
      application_name: options.applicationName,
      max: options.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      options: settings.map((setting) => `-c ${setting}`).join(" "),
    },
    { onPoolError: options.onError, onConnectionError: options.onError },
  );
  return new PrismaClient({ adapter });
}
