import { sendDeviceCounts } from "#lib/contracts/api/edge-operations.ts";
import { DEVICE_PROOF_HEADER } from "#lib/contracts/edge.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(sendDeviceCounts, async ({ app, body, request }) => ({
  body: await app.deviceDesk.takeCounts(request.headers.get(DEVICE_PROOF_HEADER), body.batch),
}));
