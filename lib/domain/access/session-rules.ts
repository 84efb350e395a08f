/** When a browser session is good. Idle and absolute limits after OWASP ASVS 5.0, 7.3. */

export type SessionLimits = { readonly idleMinutes: number; readonly absoluteHours: number };
export const DEFAULT_SESSION_LIMITS: SessionLimits = { idleMinutes: 30, absoluteHours: 12 };

export type SessionFacts = {
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly userDisabledAt: Date | null;
};

export type SessionVerdict = "good" | "revoked" | "disabled" | "idle" | "expired";

/** Is the session good at `now`? The instant of a limit itself is over. */
export function judgeSession(session: SessionFacts, now: Date, limits: SessionLimits): SessionVerdict {
  if (session.revokedAt !== null) return "revoked";
  if (session.userDisabledAt !== null) return "disabled";
  if (now.getTime() >= session.expiresAt.getTime()) return "expired";
  if (now.getTime() >= session.lastSeenAt.getTime() + limits.idleMinutes * 60_000) return "idle";
  return "good";
}

/** When a session that begins now ends, whatever happens. */
export const absoluteEnd = (now: Date, limits: SessionLimits): Date =>
  new Date(now.getTime() + limits.absoluteHours * 3_600_000);
