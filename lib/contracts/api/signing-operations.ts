import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import * as signing from "#lib/contracts/signing-api.ts";

const none = z.strictObject({});
const byRelease = z.strictObject({ releaseId: z.uuid() });

export const getSigningRules = operation({
  name: "getSigningRules",
  method: "GET",
  path: "/api/v1/signing/rules",
  summary: "How strictly this installation signs",
  permission: "signing:read",
  params: none,
  query: none,
  body: null,
  response: signing.signingRulesView,
  status: 200,
});

export const changeSigningRules = operation({
  name: "changeSigningRules",
  method: "POST",
  path: "/api/v1/signing/rules",
  summary: "Turn 21 CFR Part 11 mode or small-team mode on or off, with a reason",
  permission: "signing:manage",
  params: none,
  query: none,
  body: signing.changeSigningRulesBody,
  response: signing.signingRulesView,
  status: 200,
});

export const listDelegations = operation({
  name: "listDelegations",
  method: "GET",
  path: "/api/v1/signing/delegations",
  summary: "Who signs in whose place, until when",
  permission: "signing:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(signing.delegationView) }),
  status: 200,
});

export const delegate = operation({
  name: "delegate",
  method: "POST",
  path: "/api/v1/signing/delegations",
  summary: "Let another person sign in your place for at most 30 days",
  permission: "signing:delegate",
  params: none,
  query: none,
  body: signing.delegateBody,
  response: z.object({ id: z.string() }),
  status: 201,
});

export const revokeDelegation = operation({
  name: "revokeDelegation",
  method: "POST",
  path: "/api/v1/signing/delegations/{delegationId}/revoke",
  summary: "End a delegation now",
  permission: "signing:delegate",
  params: z.strictObject({ delegationId: z.uuid() }),
  query: none,
  body: null,
  response: z.object({ id: z.string() }),
  status: 200,
});

export const listChallenges = operation({
  name: "listChallenges",
  method: "GET",
  path: "/api/v1/releases/{releaseId}/challenges",
  summary: "The challenge log: questions of validation, answers, and what changed; and what was done under break-glass",
  permission: "release:read",
  params: byRelease,
  query: none,
  body: null,
  response: z.object({ data: z.array(signing.challengeView), breakGlass: z.array(signing.breakGlassView) }),
  status: 200,
});

export const addChallenge = operation({
  name: "addChallenge",
  method: "POST",
  path: "/api/v1/releases/{releaseId}/challenges",
  summary: "Ask, answer, or say what changed because of a question",
  permission: "release:challenge",
  params: byRelease,
  query: none,
  body: signing.addChallengeBody,
  response: z.object({ id: z.string() }),
  status: 201,
});

export const breakGlass = operation({
  name: "breakGlass",
  method: "POST",
  path: "/api/v1/releases/{releaseId}/break-glass",
  summary: "Approve without the quorum: the first call asks, a second person's within an hour does it; a review is due in 72 hours",
  permission: "release:break_glass",
  params: byRelease,
  query: none,
  body: signing.breakGlassBody,
  response: z.object({ id: z.string(), isDone: z.boolean(), reviewDueAt: z.iso.datetime().nullable() }),
  status: 200,
});

export const reviewBreakGlass = operation({
  name: "reviewBreakGlass",
  method: "POST",
  path: "/api/v1/releases/{releaseId}/break-glass/{breakGlassId}/review",
  summary: "Review what was done under break-glass; not by those who did it",
  permission: "release:approve",
  params: byRelease.extend({ breakGlassId: z.uuid() }),
  query: none,
  body: signing.reviewBreakGlassBody,
  response: z.object({ id: z.string() }),
  status: 200,
});
