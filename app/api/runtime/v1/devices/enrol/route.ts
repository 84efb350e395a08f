import { enrolDevice } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(enrolDevice, async ({ app, body, context }) => ({ body: await app.deviceDesk.enrol(body, context) }));
