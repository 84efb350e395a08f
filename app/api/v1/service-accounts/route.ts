import { toServiceAccountView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { createServiceAccount, listServiceAccounts } from "#lib/contracts/api/people-operations.ts";

export const GET = route(listServiceAccounts, async ({ app, actor }) => ({
  body: { accounts: (await app.people.listServiceAccounts(actor, {})).map(toServiceAccountView) },
}));

export const POST = route(createServiceAccount, async ({ app, actor, body }) => ({ body: await app.people.createServiceAccount(actor, body) }));
