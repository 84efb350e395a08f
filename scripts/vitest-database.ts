import { startTestPostgres } from "./test-postgres.ts";

/**
 * Vitest's global set-up of the projects that need PostgreSQL: uses the server that `npm test` has started,
 * or starts one for this run, so that `npx vitest run --project db some/file` works by itself.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["SLIPWAY_TEST_DATABASE_URL"] !== undefined) return undefined;
  const server = await startTestPostgres();
  process.env["SLIPWAY_TEST_DATABASE_URL"] = server.superuserUrl;
  return async () => {
    delete process.env["SLIPWAY_TEST_DATABASE_URL"];
    await server.stop();
  };
}
