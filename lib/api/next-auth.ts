import { NextRequest } from "next/server";
import NextAuth, { type AuthOptions, type User } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { z } from "zod";
import { AppError } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import { getApp } from "./running-app.ts";
import type { CallContext } from "#lib/server/ports.ts";
import { isSecure } from "./authenticate.ts";
import { callContext } from "./call-context.ts";
import { problemResponse, toProblem } from "./problem.ts";
import { readBytes } from "./read-body.ts";
import { cookieNames, cookieOptions } from "./session-cookie.ts";

/** What our providers hand on; the session id is all that reaches the cookie. */
type SignedIn = User & { sid: string };

const MAX_BODY_BYTES = 16 * 1024;
const passwordForm = z.object({ email: z.string().max(254), password: z.string().max(1024) });
const linkForm = z.object({ token: z.string().max(100) });
const openIdClaims = z.looseObject({
  sub: z.string().min(1).max(255),
  email: z.string().max(254).optional(),
  email_verified: z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]).optional(),
  name: z.string().max(500).optional(),
  auth_time: z.number().int().optional(),
});

/**
 * `/api/auth/*`: the one route group outside `route()`, because next-auth answers it. Bounded all the same: body size, rate, and every
 * attempt is counted and in the trail, because the use cases behind it see to that.
 */
export async function handleAuthRequest(
  request: NextRequest,
  route: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  const app = getApp();
  const context = callContext(request.headers, app.settings.trustedProxies);
  try {
    app.limitRequests(request.method === "POST" ? "signIn" : "stranger", context.ip ?? "unknown");
    // next-auth takes its own address from here and nowhere else; the port is known only now.
    process.env["NEXTAUTH_URL"] = `${app.settings.publicUrl}/api/auth`;
    const body = request.method === "POST" ? await readBytes(request, MAX_BODY_BYTES) : null;
    const bounded = new NextRequest(request.url, { method: request.method, headers: request.headers, body: body?.slice() ?? null });
    const answer: unknown = await NextAuth(bounded as never, route as never, await authOptions(app, context));
    if (!(answer instanceof Response)) throw new Error("next-auth did not answer.");
    answer.headers.set("cache-control", "no-store");
    return answer;
  } catch (error) {
    if (!(error instanceof AppError)) app.logger.error({ err: error, requestId: context.requestId }, "sign-in failed");
    return problemResponse(
      toProblem(error, { instance: request.nextUrl.pathname, requestId: context.requestId ?? "" }),
      error instanceof AppError ? error.retryAfterSeconds : null,
    );
  }
}

async function authOptions(app: App, context: CallContext): Promise<AuthOptions> {
  const secure = isSecure(app);
  const names = cookieNames((await app.install()).installId, secure);
  const options = cookieOptions(secure);
  const maxAge = app.auth.limits.absoluteHours * 3600;
  return {
    secret: app.settings.secret,
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge },
    jwt: { maxAge },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    cookies: {
      sessionToken: { name: names.session, options },
      csrfToken: { name: names.csrf, options },
      callbackUrl: { name: names.callback, options },
      state: { name: names.state, options: { ...options, maxAge: 900 } },
      pkceCodeVerifier: { name: names.pkce, options: { ...options, maxAge: 900 } },
      nonce: { name: names.nonce, options },
    },
    providers: [
      CredentialsProvider({
        id: "password",
        name: "E-mail and password",
        credentials: { email: {}, password: {} },
        authorize: (given) =>
          signedIn(async () => app.auth.signInWithPassword(passwordForm.parse(given), context)),
      }),
      CredentialsProvider({
        id: "one-time-link",
        name: "One-time link",
        credentials: { token: {} },
        authorize: (given) => signedIn(async () => app.auth.signInWithLink(linkForm.parse(given).token, context)),
      }),
      ...openIdProvider(app),
    ],
    callbacks: {
      signIn: async ({ user, profile }) => {
        if (profile === undefined) return isSignedIn(user);
        return acceptOpenId(app, user, profile, context);
      },
      jwt: ({ token, user }) => (isSignedIn(user) ? { sid: user.sid } : { sid: token["sid"] }),
      // What a browser may learn from next-auth itself: nothing but that there is a session.
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      signOut: async ({ token }) => {
        const sid = z.uuid().safeParse(token["sid"]);
        if (sid.success) await app.auth.signOut(sid.data, context);
      },
    },
    logger: {
      // Beside the error its metadata may hold tokens of the identity provider: only the error is logged.
      error: (code, metadata) =>
        app.logger.warn({ code, err: metadata instanceof Error ? metadata : metadata["error"] }, "next-auth refused"),
      warn: (code) => app.logger.debug({ code }, "next-auth warns"),
      debug: () => undefined,
    },
  };
}

const isSignedIn = (user: unknown): user is SignedIn =>
  typeof user === "object" && user !== null && "sid" in user && typeof user.sid === "string";

/** next-auth puts the message of an error into the address of the sign-in page: a code of ours, never a sentence. */
async function signedIn(attempt: () => Promise<{ readonly sessionId: string; readonly userId: string }>): Promise<SignedIn> {
  try {
    const { sessionId, userId } = await attempt();
    return { id: userId, sid: sessionId };
  } catch (error) {
    throw new Error(error instanceof AppError ? error.code : error instanceof z.ZodError ? "not_authenticated" : "internal_error");
  }
}

function openIdProvider(app: App): AuthOptions["providers"] {
  const { oidc } = app.settings;
  if (oidc === null) return [];
  return [
    {
      id: "oidc",
      name: oidc.name,
      type: "oauth",
      wellKnown: `${oidc.issuer}/.well-known/openid-configuration`,
      clientId: oidc.clientId,
      clientSecret: oidc.clientSecret,
      authorization: { params: { scope: "openid email profile" } },
      idToken: true,
      checks: ["pkce", "state", "nonce"],
      profile: (profile: unknown) => ({ id: openIdClaims.parse(profile).sub }),
    },
  ];
}

async function acceptOpenId(app: App, user: User, profile: unknown, context: CallContext): Promise<true | string> {
  const { oidc } = app.settings;
  const claims = openIdClaims.safeParse(profile);
  if (oidc === null || !claims.success) return "/sign-in?error=not_authenticated";
  const groups = z.array(z.string().max(500)).max(1000).safeParse(claims.data[oidc.groupsClaim]);
  try {
    const { sessionId } = await app.auth.signInWithOidc(
      {
        issuer: oidc.issuer,
        subject: claims.data.sub,
        email: claims.data.email ?? null,
        emailVerified: claims.data.email_verified === true,
        name: claims.data.name ?? null,
        groups: groups.success ? groups.data : [],
        authTime: claims.data.auth_time ?? null,
      },
      context,
    );
    // The same object is handed to the jwt callback next.
    Object.assign(user, { sid: sessionId });
    return true;
  } catch (error) {
    if (error instanceof AppError) return `/sign-in?error=${error.code}`;
    throw error;
  }
}

