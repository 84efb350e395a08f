import { redirect } from "next/navigation";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";

/** The first part that the viewer may open. */
export default async function Settings(): Promise<never> {
  const { actor } = await requireViewerWith("token:read", "/settings");
  redirect(settingsPlaces(actor).people ? "/settings/people" : "/settings/tokens");
}
