import type { Metadata } from "next";
import type { ReactNode } from "react";
import { DevicesPage } from "#components/devices/devices-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Devices" };

export default async function Devices(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("device:read", "/devices");
  return <DevicesPage initial={await app.edge.readDeviceFleets(actor, {})} controlUrl={app.settings.publicUrl} />;
}
