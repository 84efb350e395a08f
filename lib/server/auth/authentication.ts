import type { OidcRoleRule } from "#lib/domain/access/oidc-roles.ts";
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from "#lib/domain/access/session-rules.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { InstallRecord } from "../db/install-repository.ts";
import type { Actor, CallContext } from "../ports.ts";
import type { Store } from "../store.ts";
import { createPasswords } from "./passwords.ts";
import { endAllSessions, updateProfile } from "./profile.ts";
import { createActorResolver } from "./resolve-actor.ts";
import { acceptInvitation, createFirstAdministrator, inspectLink } from "./set-password.ts";
import { type OidcIdentity, signInWithOidc } from "./sign-in-oidc.ts";
import { signInWithLink, signInWithPassword, signOut } from "./sign-in.ts";
import { stepUp } from "./step-up.ts";
import { switchDemoPerson } from "./switch-demo-person.ts";
import { whoAmI } from "./who-am-i.ts";

export type AuthenticationOptions = {
  readonly store: Store;
  readonly install: () => Promise<InstallRecord>;
  /** Only this machine can reach it: the one place where a demonstration may offer to switch people. */
  readonly isLoopback: boolean;
  readonly oidcRules: readonly OidcRoleRule[];
  readonly limits?: SessionLimits;
};

/** Everything about who somebody is, with its parts put together. */
export function createAuthentication(options: AuthenticationOptions) {
  const { store, install, isLoopback, oidcRules: rules, limits = DEFAULT_SESSION_LIMITS } = options;
  const passwords = createPasswords();
  const maySwitch = async (): Promise<boolean> => isLoopback && (await install()).demo;
  return {
    ...createActorResolver(store, limits),
    limits,
    signInWithPassword: (given: { readonly email: string; readonly password: string }, context: CallContext) =>
      signInWithPassword({ store, passwords, limits }, given, context),
    signInWithLink: (secret: string, context: CallContext) => signInWithLink({ store, limits }, secret, context),
    signInWithOidc: (identity: OidcIdentity, context: CallContext) =>
      signInWithOidc({ store, limits, rules }, identity, context),
    signOut: (sessionId: string, context: CallContext) => signOut(store, sessionId, context),
    inspectLink: (secret: string) => inspectLink(store, secret),
    acceptInvitation: (given: { readonly token: string; readonly password: string }, context: CallContext) =>
      acceptInvitation({ store, passwords }, given, context),
    createFirstAdministrator: (given: Parameters<typeof createFirstAdministrator>[1], context: CallContext) =>
      createFirstAdministrator({ store, passwords }, given, context),
    updateProfile: (actor: Actor, change: Parameters<typeof updateProfile>[2]) => updateProfile(store, actor, change),
    endAllSessions: (actor: Actor) => endAllSessions(store, actor),
    stepUp: (actor: Actor, given: Parameters<typeof stepUp>[2]) => stepUp({ store, passwords }, actor, given),
    whoAmI: async (actor: Actor) => whoAmI(store, actor, await maySwitch()),
    switchDemoPerson: async (actor: Actor, email: string) => {
      if (!(await maySwitch())) throw notFound();
      return switchDemoPerson({ store, limits }, actor, email);
    },
  };
}

export type Authentication = ReturnType<typeof createAuthentication>;
