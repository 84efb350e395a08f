import { z } from "zod";
import { scimGroup, scimListQuery, scimPatch, scimUser } from "#lib/contracts/scim-api.ts";
import { AppError, ERROR_STATUS, notFound } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import { getApp } from "../running-app.ts";
import type { Actor } from "#lib/server/ports.ts";
import { callContext } from "../call-context.ts";
import { parseJson, readBytes } from "../read-body.ts";
import { patchedGroup, patchedUser } from "./apply-patch.ts";
import { LIST, groupJson, personOf, resourceTypes, serviceProviderConfig, userJson } from "./scim-json.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
type Params = { readonly params: Promise<{ readonly path?: readonly string[] }> };
type Call = { readonly app: App; readonly actor: Actor; readonly base: string; readonly request: Request; readonly id: string | null };
type Answer = { readonly status: number; readonly body: object | null };

/**
 * `/scim/v2/*`: a directory creates, changes and ends accounts and groups here (RFC 7644). Outside `route()`, because the standard has its own errors and media type; the
 * same tokens, use cases and trail all the same.
 */
export async function handleScim(request: Request, { params }: Params): Promise<Response> {
  const app = getApp();
  const context = callContext(request.headers, app.settings.trustedProxies);
  let answer: Answer;
  try {
    const [, token] = /^bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    app.limitRequests(token === undefined ? "stranger" : "address", context.ip ?? "unknown");
    if (token === undefined) throw new AppError("not_authenticated", "Send an API token: Authorization: Bearer slp_...");
    const actor = await app.auth.fromToken(token, context);
    app.limitRequests("actor", actor.id);
    const [area = "", id = null, ...rest] = (await params).path ?? [];
    if (rest.length > 0 || (id !== null && area !== "ResourceTypes" && !z.uuid().safeParse(id).success)) throw notFound();
    answer = await answerArea(area, { app, actor, request, id, base: `${app.settings.publicUrl}/scim/v2` });
  } catch (error) {
    answer = refusal(error);
    if (answer.status === 500) app.logger.error({ err: error, requestId: context.requestId }, "a SCIM request failed");
  }
  return new Response(answer.body === null ? null : JSON.stringify(answer.body), {
    status: answer.status,
    headers: { "content-type": "application/scim+json", "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": context.requestId ?? "" },
  });
}

function refusal(error: unknown): Answer {
  const say = (status: number, detail: string, scimType?: string): Answer => ({
    status, body: { schemas: [ERROR], status: String(status), detail, ...(scimType === undefined ? {} : { scimType }) },
  });
  if (error instanceof z.ZodError) return say(400, error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).slice(0, 5).join(" "), "invalidValue");
  if (!(error instanceof AppError)) return say(500, "This is a fault of the server, not of your request.");
  if (error.code === "already_exists") return say(409, error.message, "uniqueness");
  if (error.code === "invalid_input" || error.code === "malformed_request") return say(400, error.message, "invalidValue");
  return say(ERROR_STATUS[error.code], [error.message, error.hint].filter((text) => text !== null).join(" "));
}

async function answerArea(area: string, call: Call): Promise<Answer> {
  switch (area) {
    case "Users":
      return answerUsers(call);
    case "Groups":
      return answerGroups(call);
    case "ServiceProviderConfig":
      return { status: 200, body: serviceProviderConfig };
    case "ResourceTypes":
      return { status: 200, body: list(resourceTypes(call.base), 2, 1) };
    default:
      throw notFound();
  }
}

const list = (resources: readonly object[], total: number, startIndex: number) => ({
  schemas: [LIST], totalResults: total, startIndex, itemsPerPage: resources.length, Resources: resources,
});

const bodyOf = async (request: Request): Promise<unknown> => {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  // The same JSON under SCIM's own media type.
  const asJson = new Request(request.url, { headers: { "content-type": "application/json" } });
  return parseJson(asJson, bytes);
};

/** `attribute eq "value"`, the one filter that directories use to find what they know. */
function filterOf(text: string | undefined, names: Readonly<Record<string, string>>): Record<string, string> {
  if (text === undefined) return {};
  const [, attribute = "", value = ""] = /^\s*([\w.]+)\s+eq\s+"([^"]*)"\s*$/i.exec(text) ?? [];
  const name = names[attribute.toLowerCase()];
  if (name === undefined) throw new AppError("invalid_input", `This filter is not supported. Use ${Object.keys(names).join(" or ")} eq "value".`);
  return { [name]: value };
}

const readUser = async ({ app, actor }: Call, id: string) => {
  const [person] = (await app.directory.listPeople(actor, { id, offset: 0, limit: 1 })).rows;
  if (person === undefined) throw notFound();
  return person;
};

async function answerUsers(call: Call): Promise<Answer> {
  const { app, actor, request, id, base } = call;
  if (id === null) {
    if (request.method === "GET") {
      const { filter, startIndex, count } = scimListQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
      const by = filterOf(filter, { username: "userName", externalid: "externalId" });
      const { rows, total } = await app.directory.listPeople(actor, { ...by, offset: startIndex - 1, limit: count });
      return { status: 200, body: list(rows.map((person) => userJson(base, person)), total, startIndex) };
    }
    if (request.method !== "POST") throw new AppError("method_not_allowed", "This address takes GET and POST.");
    const user = scimUser.parse(await bodyOf(request));
    const { id: created } = await app.directory.provisionPerson(actor, personOf(user));
    if (!user.active) await app.directory.setActive(actor, created, false);
    return { status: 201, body: userJson(base, await readUser(call, created)) };
  }
  const current = await readUser(call, id);
  if (request.method === "GET") return { status: 200, body: userJson(base, current) };
  if (request.method === "DELETE") {
    // Records name people: access ends, the person stays.
    await app.directory.setActive(actor, id, false);
    return { status: 204, body: null };
  }
  const raw = await bodyOf(request);
  const user = scimUser.parse(request.method === "PATCH" ? patchedUser(userJson(base, current), scimPatch.parse(raw)) : raw);
  await app.directory.editPerson(actor, { id, ...personOf(user) });
  await app.directory.setActive(actor, id, user.active);
  return { status: 200, body: userJson(base, await readUser(call, id)) };
}

const readGroup = async ({ app, actor }: Call, id: string) => {
  const [group] = (await app.directory.listGroups(actor, { id, offset: 0, limit: 1 })).rows;
  if (group === undefined) throw notFound();
  return group;
};

async function answerGroups(call: Call): Promise<Answer> {
  const { app, actor, request, id, base } = call;
  if (id === null) {
    if (request.method === "GET") {
      const { filter, startIndex, count } = scimListQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
      const by = filterOf(filter, { displayname: "name", externalid: "externalId" });
      const { rows, total } = await app.directory.listGroups(actor, { ...by, offset: startIndex - 1, limit: count });
      return { status: 200, body: list(rows.map((group) => groupJson(base, group)), total, startIndex) };
    }
    if (request.method !== "POST") throw new AppError("method_not_allowed", "This address takes GET and POST.");
    const { displayName, externalId, members } = scimGroup.parse(await bodyOf(request));
    const created = await app.directory.createGroup(actor, { name: displayName, externalId: externalId ?? null, members: members.map(({ value }) => value) });
    return { status: 201, body: groupJson(base, await readGroup(call, created.id)) };
  }
  const current = await readGroup(call, id);
  if (request.method === "GET") return { status: 200, body: groupJson(base, current) };
  if (request.method === "DELETE") {
    await app.directory.deleteGroup(actor, { id });
    return { status: 204, body: null };
  }
  const raw = await bodyOf(request);
  const state = { name: current.name, externalId: current.externalId, members: current.members.map((member) => member.id) };
  const whole = request.method === "PATCH" ? null : scimGroup.parse(raw);
  const next = whole === null ? patchedGroup(state, scimPatch.parse(raw)) : { name: whole.displayName, externalId: whole.externalId ?? null, members: whole.members.map(({ value }) => value) };
  await app.directory.changeGroup(actor, { id, ...next, members: [...next.members] });
  return { status: 200, body: groupJson(base, await readGroup(call, id)) };
}
