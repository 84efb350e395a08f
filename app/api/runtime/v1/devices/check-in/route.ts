import { checkInDevice } from "#lib/contracts/api/edge-operations.ts";
import { DEVICE_PROOF_HEADER } from "#lib/contracts/edge.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(checkInDevice, async ({ app, body, request }) => ({
  body: await app.deviceDesk.checkIn(request.headers.get(DEVICE_PROOF_HEADER), body.report),
}));
