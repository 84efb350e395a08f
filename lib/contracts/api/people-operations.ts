import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import {
  createServiceAccountBody,
  createServiceTokenBody,
  createdTokenView,
  disablePersonBody,
  grantRoleBody,
  invitePersonBody,
  linkView,
  peopleView,
  personView,
  serviceAccountsView,
} from "#lib/contracts/people-api.ts";

const none = z.strictObject({});
const person = z.strictObject({ personId: z.uuid() });

export const listPeople = operation({
  name: "listPeople",
  method: "GET",
  path: "/api/v1/people",
  summary: "Everybody here with their roles",
  permission: "person:read",
  params: none,
  query: none,
  body: null,
  response: peopleView,
  status: 200,
});

export const invitePerson = operation({
  name: "invitePerson",
  method: "POST",
  path: "/api/v1/people",
  summary: "Add somebody, with a link by which they choose a password",
  permission: "person:invite",
  params: none,
  query: none,
  body: invitePersonBody,
  response: linkView,
  status: 201,
  isSecret: true,
});

export const createPersonLink = operation({
  name: "createPersonLink",
  method: "POST",
  path: "/api/v1/people/{personId}/link",
  summary: "Another link by which they choose a password; older ones stop working",
  permission: "person:invite",
  params: person,
  query: none,
  body: none,
  response: linkView,
  status: 201,
  isSecret: true,
});

export const grantRole = operation({
  name: "grantRole",
  method: "POST",
  path: "/api/v1/people/{personId}/grants",
  summary: "Give a role, everywhere or in one environment; never to oneself",
  permission: "person:grant",
  params: person,
  query: none,
  body: grantRoleBody,
  response: personView.omit({ lastSeenAt: true }),
  status: 201,
});

export const revokeRole = operation({
  name: "revokeRole",
  method: "DELETE",
  path: "/api/v1/people/{personId}/grants/{grantId}",
  summary: "Take a role away; never one's own, nor the last administrator's",
  permission: "person:grant",
  params: z.strictObject({ personId: z.uuid(), grantId: z.uuid() }),
  query: none,
  body: null,
  response: personView.omit({ lastSeenAt: true }),
  status: 200,
});

export const disablePerson = operation({
  name: "disablePerson",
  method: "POST",
  path: "/api/v1/people/{personId}/disable",
  summary: "End somebody's access: sessions and tokens stop with the next request",
  permission: "person:disable",
  params: person,
  query: none,
  body: disablePersonBody,
  response: personView.omit({ lastSeenAt: true }),
  status: 200,
});

export const enablePerson = operation({
  name: "enablePerson",
  method: "POST",
  path: "/api/v1/people/{personId}/enable",
  summary: "Give access back",
  permission: "person:disable",
  params: person,
  query: none,
  body: none,
  response: personView.omit({ lastSeenAt: true }),
  status: 200,
});

export const listServiceAccounts = operation({
  name: "listServiceAccounts",
  method: "GET",
  path: "/api/v1/service-accounts",
  summary: "Accounts of programs with their tokens",
  permission: "person:read",
  params: none,
  query: none,
  body: null,
  response: serviceAccountsView,
  status: 200,
});

export const createServiceAccount = operation({
  name: "createServiceAccount",
  method: "POST",
  path: "/api/v1/service-accounts",
  summary: "Add an account for a program; it can hold no role that approves",
  permission: "person:invite",
  params: none,
  query: none,
  body: createServiceAccountBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 201,
});

export const createServiceToken = operation({
  name: "createServiceToken",
  method: "POST",
  path: "/api/v1/service-accounts/{personId}/tokens",
  summary: "Make a token of a service account; it is shown once",
  permission: "person:invite",
  params: person,
  query: none,
  body: createServiceTokenBody,
  response: createdTokenView,
  status: 201,
  isSecret: true,
});
