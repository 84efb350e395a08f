import { isSecure } from "#lib/api/authenticate.ts";
import { route } from "#lib/api/route.ts";
import { cookieNames, sessionCookie } from "#lib/api/session-cookie.ts";
import { switchDemoPerson } from "#lib/contracts/api/session-operations.ts";

export const POST = route(switchDemoPerson, async ({ app, actor, body }) => {
  const session = await app.auth.switchDemoPerson(actor, body.email);
  const cookie = await sessionCookie(session.sessionId, {
    name: cookieNames((await app.install()).installId, isSecure(app)).session,
    secret: app.settings.secret,
    maxAgeSeconds: app.auth.limits.absoluteHours * 3600,
    isSecure: isSecure(app),
  });
  return { body: { name: session.name }, headers: { "set-cookie": cookie } };
});
