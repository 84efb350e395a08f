import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ApiReferencePage } from "#components/docs/api-reference-page.tsx";
import { apiReference } from "#lib/api/api-reference.ts";
import { exampleNames } from "#lib/api/example-names.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "API reference" };

export default async function ApiReference(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("model:read", "/docs/api");
  const { version } = await app.views.readInstallation(actor, {});
  const areas = apiReference(version, await exampleNames(app, actor));
  return <ApiReferencePage view={{ asOf: new Date().toISOString(), url: app.settings.publicUrl, version, areas }} />;
}
