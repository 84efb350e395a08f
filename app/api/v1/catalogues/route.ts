import { chooseCatalogue, listCatalogues } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listCatalogues, async ({ app, actor }) => {
  const { inForce, catalogues } = await app.views.readCatalogues(actor, {});
  const data = catalogues.map(({ diff, ...catalogue }) => ({
    ...catalogue,
    diff:
      diff === null
        ? null
        : { from: inForce, to: catalogue.version, added: [...diff.added], removed: [...diff.removed], changed: diff.changed.map((row) => ({ ...row, fields: [...row.fields] })), newEvidence: [...diff.newEvidence] },
  }));
  return { body: { inForce, data } };
});

export const POST = route(chooseCatalogue, async ({ app, actor, body }) => ({ body: await app.governance.chooseCatalogue(actor, body) }));
