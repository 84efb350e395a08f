import { decode, encode } from "next-auth/jwt";
import { z } from "zod";

/**
 * The session cookie: an encrypted token that holds the id of a row in Session and nothing else. What the row says counts.
 * Cookies ignore ports, so the installation's id is in the name: two installations on one machine keep apart.
 */
export const cookieNames = (installId: string, isSecure: boolean) => {
  const install = installId.replaceAll("-", "").slice(-12);
  // A __Host- cookie can be set by this very host over https only.
  const prefix = isSecure ? "__Host-" : "";
  // No name may begin with another: next-auth takes every cookie that begins with the session's name for a part of it.
  const named = (kind: string): string => `${prefix}slipway-${kind}-${install}`;
  return {
    session: named("session"),
    csrf: named("csrf"),
    callback: named("callback"),
    state: named("state"),
    pkce: named("pkce"),
    nonce: named("nonce"),
  };
};

export const cookieOptions = (isSecure: boolean) =>
  ({ httpOnly: true, sameSite: "lax", path: "/", secure: isSecure }) as const;

const claims = z.object({ sid: z.uuid() });

/** Id of the session in this cookie; null for anything that we have not made ourselves. */
export async function sessionIdOf(cookie: string, secret: string): Promise<string | null> {
  if (cookie.length > 4096) return null;
  try {
    return claims.parse(await decode({ token: cookie, secret })).sid;
  } catch {
    return null;
  }
}

/** `Set-Cookie` that makes this session the browser's. */
export async function sessionCookie(
  sessionId: string,
  options: { readonly name: string; readonly secret: string; readonly maxAgeSeconds: number; readonly isSecure: boolean },
): Promise<string> {
  const value = await encode({ token: { sid: sessionId }, secret: options.secret, maxAge: options.maxAgeSeconds });
  const secure = options.isSecure ? "; Secure" : "";
  return `${options.name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${options.maxAgeSeconds}${secure}`;
}

/** The value of one cookie of a `Cookie` header. The first counts when there are several of a name. */
export function cookieValue(header: string | null, name: string): string | null {
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
