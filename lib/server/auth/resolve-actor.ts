import { isApiToken } from "#lib/domain/access/api-token.ts";
import { type SessionLimits, judgeSession } from "#lib/domain/access/session-rules.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Actor, CallContext } from "../ports.ts";
import type { Store } from "../store.ts";
import { recordDenial } from "../access.ts";
import { sessionActor, tokenActor } from "./actors.ts";
import { isAllowedFrom } from "./networks.ts";
import { secretHash } from "./secrets.ts";

/** Last use is written down at most this often: it is for people to read and for the idle limit, not for accounting. */
const TOUCH_AFTER_MS = 60_000;

/** Sessions in the database end by these rules at the very next request, whatever the cookie says. */
export type ActorResolver = {
  /** Throws `session_expired`. With `isActivity` false (event streams, polls of a page) looking does not keep the session alive. */
  fromSession(sessionId: string, context: CallContext, isActivity: boolean): Promise<Actor>;
  /** Throws `not_authenticated`. */
  fromToken(token: string, context: CallContext): Promise<Actor>;
};

export function createActorResolver(store: Store, limits: SessionLimits): ActorResolver {
  return {
    async fromSession(sessionId, context, isActivity) {
      const found = await store.read(async (db) => {
        const [session, now] = [await db.sessions.findSession(sessionId), await db.clock.databaseNow()];
        return { session, now };
      });
      const verdict = found.session === null ? "revoked" : judgeSession(found.session, found.now, limits);
      if (found.session === null || verdict !== "good") throw sessionOver(verdict);
      const { session, now } = found;
      if (isActivity && now.getTime() - session.lastSeenAt.getTime() >= TOUCH_AFTER_MS) {
        await store.telemetry(({ requests }, touchedAt) => requests.touchSession(session.id, touchedAt));
      }
      return sessionActor(session, context);
    },

    async fromToken(token, context) {
      // A mistyped or made-up token costs no query.
      if (!isApiToken(token)) throw badToken();
      const { record, now } = await store.read(async (db) => ({
        record: await db.tokens.findTokenByHash(secretHash(token)),
        now: await db.clock.databaseNow(),
      }));
      if (record === null || record.revokedAt !== null) throw badToken();
      if (record.expiresAt !== null && now.getTime() >= record.expiresAt.getTime()) throw badToken();
      if (record.person !== null && record.person.disabledAt !== null) throw badToken();
      if (!isAllowedFrom(record.allowedIps, context.ip)) {
        const refusal = new AppError("forbidden", "This API token may not be used from this address.", {
          hint: "It is bound to certain networks. Use it from one of them, or make another token.",
        });
        await recordDenial(store, tokenActor(record, context), { name: "use-token", permission: "token:read" }, null, refusal);
        throw refusal;
      }
      if (record.lastUsedAt === null || now.getTime() - record.lastUsedAt.getTime() >= TOUCH_AFTER_MS) {
        await store.telemetry(({ requests }, touchedAt) => requests.touchToken(record.id, touchedAt));
      }
      return tokenActor(record, context);
    },
  };
}

const badToken = (): AppError =>
  new AppError("not_authenticated", "This API token is not valid here.", {
    hint: "Check for missing characters; a token can also be expired or revoked. Make a new one under Settings, Tokens.",
  });

function sessionOver(verdict: "revoked" | "disabled" | "idle" | "expired" | "good"): AppError {
  const sentence =
    verdict === "idle"
      ? "You were signed out because nothing happened for a while."
      : verdict === "expired"
        ? "Your session has reached its longest time."
        : "Your session has ended.";
  return new AppError("session_expired", sentence, { hint: "Sign in again." });
}
