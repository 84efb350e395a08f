import { toSessionView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import {
  endAllSessions,
  getSession,
  updateProfile,
} from "#lib/contracts/api/session-operations.ts";

export const GET = route(getSession, async ({ app, actor }) => ({
  body: toSessionView(await app.auth.whoAmI(actor)),
}));

export const PATCH = route(updateProfile, async ({ app, actor, body }) => ({
  body: await app.auth.updateProfile(actor, body),
}));

export const DELETE = route(endAllSessions, async ({ app, actor }) => ({
  body: { sessionsEnded: await app.auth.endAllSessions(actor) },
}));
