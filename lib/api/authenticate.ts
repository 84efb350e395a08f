import { AppError } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import type { Actor, CallContext } from "#lib/server/ports.ts";
import type { HeaderSource } from "./call-context.ts";
import { cookieNames, cookieValue, sessionIdOf } from "./session-cookie.ts";

export type Credentials = "token" | "cookie" | "none";

/** What the request offers as proof. A request with an Authorization header is judged by that alone: its cookies are not looked at. */
export const credentialsOf = (headers: HeaderSource, cookieName: string): Credentials =>
  headers.get("authorization") !== null
    ? "token"
    : cookieValue(headers.get("cookie"), cookieName) !== null
      ? "cookie"
      : "none";

/**
 * Who is asking, or null when they offer no proof. Throws `not_authenticated` / `session_expired` when the proof is no good.
 * `isActivity` false: looking does not keep a session from idling out.
 */
export async function authenticate(
  app: App,
  headers: HeaderSource,
  context: CallContext,
  isActivity: boolean,
): Promise<Actor | null> {
  const { session } = cookieNames((await app.install()).installId, isSecure(app));
  switch (credentialsOf(headers, session)) {
    case "none":
      return null;
    case "token": {
      const [scheme, token, ...rest] = (headers.get("authorization") ?? "").split(" ");
      if (scheme?.toLowerCase() !== "bearer" || token === undefined || rest.length > 0) {
        throw new AppError("not_authenticated", "The Authorization header is not of the form Bearer slp_...");
      }
      return app.auth.fromToken(token, context);
    }
    case "cookie": {
      const sessionId = await sessionIdOf(cookieValue(headers.get("cookie"), session) ?? "", app.settings.secret);
      if (sessionId === null) throw new AppError("session_expired", "Your session has ended.", { hint: "Sign in again." });
      return app.auth.fromSession(sessionId, context, isActivity);
    }
  }
}

/** Whether people reach this installation by https. */
export const isSecure = (app: App): boolean => app.settings.publicUrl.startsWith("https://");
