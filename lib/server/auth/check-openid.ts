import { z } from "zod";
import type { OidcSettings } from "../env.ts";

const LIMIT_MS = 3000;
const MAX_BYTES = 256 * 1024;

const discovery = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  end_session_endpoint: z.url().optional(),
});

export type OpenIdCheck = {
  readonly ok: boolean;
  readonly message: string;
  /** Where the provider signs people out; null when it cannot, or does not answer. */
  readonly endSessionEndpoint: string | null;
};

/** Asks the provider for its configuration, as a sign-in would. The address is the operator's own setting. */
export async function checkOpenId({ issuer }: OidcSettings): Promise<OpenIdCheck> {
  const refuse = (message: string): OpenIdCheck => ({ ok: false, message, endSessionEndpoint: null });
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(LIMIT_MS), redirect: "error" });
    if (!response.ok) return refuse(`The provider answered ${response.status} when asked for its configuration.`);
    const text = await response.text();
    if (text.length > MAX_BYTES) return refuse("The provider's configuration is too large.");
    const parsed = discovery.safeParse(JSON.parse(text));
    if (!parsed.success) return refuse("The provider's configuration does not name the addresses that a sign-in needs.");
    if (parsed.data.issuer.replace(/\/+$/, "") !== issuer) return refuse(`The provider calls itself ${parsed.data.issuer.slice(0, 200)}, which is not what is set here.`);
    return { ok: true, message: "The provider answers with its configuration.", endSessionEndpoint: parsed.data.end_session_endpoint ?? null };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    return refuse(isLate ? `The provider did not answer within ${LIMIT_MS / 1000} s.` : "The provider cannot be reached, or its answer cannot be read.");
  }
}

/** Where a browser goes to sign out of the provider too, and comes back from. */
export function providerSignOutUrl(oidc: OidcSettings, endSessionEndpoint: string, publicUrl: string): string {
  const url = new URL(endSessionEndpoint);
  url.searchParams.set("client_id", oidc.clientId);
  url.searchParams.set("post_logout_redirect_uri", `${publicUrl}/sign-in`);
  return url.toString();
}
