import { defineConfig } from "prisma/config";

/** For `prisma generate`, `validate` and `format`; migrations are applied by scripts/migrate.ts. */
export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
});
