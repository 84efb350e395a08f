import { getReleaseManifest } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getReleaseManifest, async ({ app, actor, params: { releaseId } }) => {
  const signed = await app.releaseManifest(actor, /^[0-9]+$/.test(releaseId) ? { number: Number(releaseId) } : { id: releaseId });
  const name = `release-${String(signed.manifest.release.number)}.slipway-manifest.json`;
  return { body: signed, headers: { "content-disposition": `attachment; filename="${name}"` } };
});
