import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import {
  acceptInvitationBody,
  credentialsSetView,
  demoSwitchBody,
  firstAdministratorBody,
  sessionView,
  updateProfileBody,
} from "#lib/contracts/people-api.ts";
import { stepUpBody, stepUpView } from "#lib/contracts/signing-api.ts";

const none = z.strictObject({});

export const getSession = operation({
  name: "getSession",
  method: "GET",
  path: "/api/v1/session",
  summary: "Who am I, and what may I do somewhere",
  permission: "signed_in",
  params: none,
  query: none,
  body: null,
  response: sessionView,
  status: 200,
});

export const updateProfile = operation({
  name: "updateProfile",
  method: "PATCH",
  path: "/api/v1/session",
  summary: "Change one's own name or time zone",
  permission: "signed_in",
  params: none,
  query: none,
  body: updateProfileBody,
  response: z.object({ name: z.string(), timeZone: z.string() }),
  status: 200,
});

export const stepUp = operation({
  name: "stepUp",
  method: "POST",
  path: "/api/v1/session/step-up",
  summary: "Prove again who signs: a grant for one act on one digest, used once within 120 seconds",
  permission: "signed_in",
  params: none,
  query: none,
  body: stepUpBody,
  response: stepUpView,
  status: 200,
  isSecret: true,
});

export const endAllSessions = operation({
  name: "endAllSessions",
  method: "DELETE",
  path: "/api/v1/session",
  summary: "Sign oneself out everywhere",
  permission: "signed_in",
  params: none,
  query: none,
  body: null,
  response: z.object({ sessionsEnded: z.number().int() }),
  status: 200,
});

export const switchDemoPerson = operation({
  name: "switchDemoPerson",
  method: "POST",
  path: "/api/v1/session/switch",
  summary: "In a demonstration on this machine: become another of its people",
  permission: "signed_in",
  params: none,
  query: none,
  body: demoSwitchBody,
  response: z.object({ name: z.string() }),
  status: 200,
  // The answer carries a session cookie.
  isSecret: true,
});

export const acceptInvitation = operation({
  name: "acceptInvitation",
  method: "POST",
  path: "/api/v1/session/invitation",
  summary: "Choose a password by the link of an invitation",
  permission: "anyone",
  params: none,
  query: none,
  body: acceptInvitationBody,
  response: credentialsSetView,
  status: 200,
});

export const createFirstAdministrator = operation({
  name: "createFirstAdministrator",
  method: "POST",
  path: "/api/v1/session/first-administrator",
  summary: "Make the first account of an empty installation, by the link its terminal shows",
  permission: "anyone",
  params: none,
  query: none,
  body: firstAdministratorBody,
  response: credentialsSetView,
  status: 201,
});

export const getSignOut = operation({
  name: "getSignOut",
  method: "GET",
  path: "/api/v1/session/sign-out",
  summary: "Where the identity provider signs out somebody who came in by it; null for everybody else",
  permission: "signed_in",
  params: none,
  query: none,
  body: null,
  response: z.object({ url: z.url().nullable() }),
  status: 200,
});
