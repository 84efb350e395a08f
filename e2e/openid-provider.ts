import { once } from "node:events";
import { createServer, type Server } from "node:http";
import Provider from "oidc-provider";

/** People of the provider by the name typed into its sign-in page. */
const PEOPLE: Readonly<Record<string, { readonly email: string; readonly name: string; readonly groups: readonly string[] }>> = {
  maren: { email: "maren@id.example", name: "Maren Okafor of ID", groups: ["ml-leads"] },
  nobody: { email: "nobody@id.example", name: "Nobody of ID", groups: [] },
};

export const OPENID_CLIENT = { id: "slipway-e2e", secret: "a-secret-that-only-this-test-knows" } as const;

/** A real OpenID provider on this machine, with pages of its own for signing in, agreeing and signing out. */
export async function startOpenIdProvider(port: number, productUrl: string): Promise<{ readonly issuer: string; stop(): void }> {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: OPENID_CLIENT.id,
        client_secret: OPENID_CLIENT.secret,
        redirect_uris: [`${productUrl}/api/auth/callback/oidc`],
        post_logout_redirect_uris: [`${productUrl}/sign-in`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    // The groups stand in the ID token, where Slipway reads them.
    conformIdTokenClaims: false,
    cookies: { keys: ["only-for-this-test"] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email_verified: id !== "nobody", ...PEOPLE[id] }),
    }),
  });
  const server: Server = createServer(provider.callback());
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    issuer,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
