import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ControlPage } from "#components/assurance/control-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ framework: string; control: string }> };

export const metadata: Metadata = { title: "Control" };

export default async function Control({ params }: Props): Promise<ReactNode> {
  const given = await params;
  const [framework, control] = [pathParam(given.framework), pathParam(given.control)];
  const here = `/assurance/${encodeURIComponent(framework)}/${encodeURIComponent(control)}`;
  const { app, actor } = await requireViewerWith("control:read", here);
  return <ControlPage view={await orNotFound(app.views.readControl(actor, { framework, control }))} />;
}
