import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { inboxView } from "#lib/contracts/views/inbox-view.ts";
import { newReleaseView } from "#lib/contracts/views/new-release-view.ts";
import { releaseListView } from "#lib/contracts/views/release-list-view.ts";
import { releaseView } from "#lib/contracts/views/release-view.ts";
import { searchView } from "#lib/contracts/views/search-view.ts";
import { shellView } from "#lib/contracts/views/shell-view.ts";
import { listReleases } from "./release-operations.ts";

/** What the screens read. Their shapes follow the screens and may change with them; programs use the other operations. */

const none = z.strictObject({});
const name = z.string().max(128).nullable().default(null);

const view = <const N extends string, const P extends string, const Q extends z.ZodObject, const R extends z.ZodType>(
  operationName: N,
  path: P,
  summary: string,
  query: Q,
  response: R,
) =>
  operation({
    name: operationName,
    method: "GET",
    path: `/api/v1/views/${path}`,
    summary,
    permission: "release:read",
    params: none,
    query,
    body: null,
    response,
    status: 200,
  });

export const viewShell = view("viewShell", "shell", "The frame around every page", none, shellView);
export const viewInbox = view("viewInbox", "inbox", "What needs the viewer, what moves, what was decided", z.strictObject({ environment: name }), inboxView);
export const viewReleases = view("viewReleases", "releases", "The list of releases", listReleases.query, releaseListView);
export const viewNewRelease = view("viewNewRelease", "releases/new", "What the form for a new release needs", z.strictObject({ endpoint: name, version: name }), newReleaseView);
export const viewSearch = view("viewSearch", "search", "What the command palette finds", z.strictObject({ q: z.string().max(120).default("") }), searchView);

export const viewRelease = operation({
  name: "viewRelease",
  method: "GET",
  path: "/api/v1/views/releases/{number}",
  summary: "The release page",
  permission: "release:read",
  params: z.strictObject({ number: z.coerce.number().int().positive() }),
  query: none,
  body: null,
  response: releaseView,
  status: 200,
});
