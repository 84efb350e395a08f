import type { ExampleNames } from "#lib/contracts/api/examples.ts";
import type { App } from "#lib/server/composition.ts";
import type { Actor } from "#lib/server/ports.ts";

/** Names that the reader can see here; words that stand for them where there is nothing yet. */
export async function exampleNames(app: App, actor: Actor): Promise<ExampleNames> {
  const [endpoints, models, releases] = await Promise.all([
    app.registry.listEndpoints(actor, {}),
    app.registry.listModels(actor, {}),
    app.views.readReleaseList(actor, {}),
  ]);
  const [endpoint] = endpoints.data;
  const model = models.data.find(({ name }) => name === endpoint?.model) ?? models.data[0];
  return {
    url: app.settings.publicUrl,
    model: model?.name ?? "credit-default",
    version: model?.versions[0]?.name ?? "1.0.0",
    endpoint: endpoint?.name ?? "credit-default",
    environment: endpoint?.environment ?? "production",
    release: String(releases.rows[0]?.number ?? 1),
    eventSeq: "0",
  };
}
