import { Client, escapeIdentifier, escapeLiteral } from "pg";

export const OWNER_ROLE = "slipway_owner";
export const APP_ROLE = "slipway_app";

export type RolePasswords = { owner: string; app: string };

/** A connection URL for the embedded server. */
export function databaseUrl(
  role: string,
  password: string,
  port: number,
  database: string,
): string {
  return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Makes the two roles when they are missing and sets their passwords: `slipway_owner` owns the tables and runs migrations,
 * `slipway_app` is what the control plane connects as. Neither may make databases or roles.
 */
export async function ensureRoles(superuser: Client, passwords: RolePasswords): Promise<void> {
  for (const [role, password] of [
    [OWNER_ROLE, passwords.owner],
    [APP_ROLE, passwords.app],
  ] as const) {
    const { rowCount } = await superuser.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
    const verb = rowCount === 0 ? "CREATE" : "ALTER";
    await superuser.query(
      `${verb} ROLE ${escapeIdentifier(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD ${escapeLiteral(password)}`,
    );
  }
}

/** Makes the database, owned by `slipway_owner`, when it is missing; nobody but the two roles may connect. */
export async function ensureDatabase(superuser: Client, database: string): Promise<void> {
  const { rowCount } = await superuser.query("SELECT 1 FROM pg_database WHERE datname = $1", [
    database,
  ]);
  const name = escapeIdentifier(database);
  if (rowCount === 0) await superuser.query(`CREATE DATABASE ${name} OWNER ${OWNER_ROLE}`);
  await superuser.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await superuser.query(`GRANT CONNECT ON DATABASE ${name} TO ${APP_ROLE}`);
}

/** Runs `work` on one connection and closes it. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: "slipway-setup",
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a server that goes away between two queries would end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
