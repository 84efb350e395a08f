import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { getView, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import {
  auditAsOfView,
  auditListView,
  auditProofView,
  auditVerifyView,
  auditWitnessesView,
  type AuditFilterQuery,
  type AuditListView,
  type AuditVerifyView,
} from "#lib/contracts/audit-api.ts";
import { ACTOR_TYPES, AUDIT_OUTCOMES } from "#lib/domain/audit/leaf.ts";

/** Reads of the audit page. The first element of each key is the stream topic that makes it old. */

export const auditFilterNames = [
  "model",
  "version",
  "endpoint",
  "environment",
  "release",
  "actor",
  "actorType",
  "action",
  "outcome",
  "from",
  "to",
] as const;
export type AuditFilterName = (typeof auditFilterNames)[number];
export type AuditFilter = Readonly<Record<AuditFilterName, string | null>>;

/** Entries a page. */
export const AUDIT_PAGE = 50;

/** What of the address is a filter; a part that cannot be one is left out rather than refused. */
export function auditFilterFrom(read: (name: AuditFilterName) => string | null): AuditFilterQuery {
  const one = <T>(name: AuditFilterName, schema: z.ZodType<T>): T | undefined =>
    schema.safeParse(read(name)).data;
  const word = z.string().min(1).max(64);
  const name = z.string().min(1).max(128);
  const parts = {
    model: one("model", name),
    version: one("version", z.string().min(1).max(256)),
    endpoint: one("endpoint", name),
    environment: one("environment", name),
    release: one("release", word),
    actor: one("actor", name),
    actorType: one("actorType", z.enum(ACTOR_TYPES)),
    action: one("action", word),
    outcome: one("outcome", z.enum(AUDIT_OUTCOMES)),
    from: one("from", z.iso.datetime()),
    to: one("to", z.iso.datetime()),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

/** "model=fraud&from=2026-..." in a fixed order, for links. */
export function auditSearch(filter: AuditFilterQuery): string {
  const search = new URLSearchParams();
  for (const name of auditFilterNames) {
    const value = filter[name];
    if (value !== undefined) search.set(name, value);
  }
  return search.toString();
}

const withSearch = (path: string, search: string) => (search === "" ? path : `${path}?${search}`);

export const auditExportPath = (filter: AuditFilterQuery, format: string): string => {
  const search = new URLSearchParams(auditSearch(filter));
  search.set("format", format);
  return `/api/v1/audit/export?${search.toString()}`;
};

export const auditEventsQuery = (filter: AuditFilterQuery, first: AuditListView | null) =>
  infiniteQueryOptions({
    queryKey: ["audit", "events", auditSearch(filter)],
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams(auditSearch(filter));
      search.set("limit", String(AUDIT_PAGE));
      if (pageParam !== null) search.set("before", String(pageParam));
      return getView(withSearch("/api/v1/audit/events", search.toString()), auditListView, signal);
    },
    initialPageParam: first === null ? null : firstParam,
    getNextPageParam: (last) => last.next,
    ...(first === null ? {} : { initialData: { pages: [first], pageParams: [firstParam] } }),
  });
const firstParam: number | null = null;

/** What was so at a past moment does not change. */
export const auditAsOfQuery = (endpoint: string, at: string) =>
  queryOptions({
    queryKey: ["audit-as-of", endpoint, at],
    queryFn: ({ signal }) => getView(`/api/v1/audit/as-of?${new URLSearchParams({ endpoint, at }).toString()}`, auditAsOfView, signal),
    staleTime: 60_000,
  });

/** Read again by its own clock too: that a checkpoint was handed over stands in no entry of the trail. */
export const auditWitnessesQuery = queryOptions({
  queryKey: ["audit", "witnesses"],
  queryFn: ({ signal }) => getView("/api/v1/audit/witnesses", auditWitnessesView, signal),
  refetchInterval: 10_000,
});

/** A proof never grows old: a later checkpoint makes another proof of the same. */
export const auditProofQuery = (seq: number) =>
  queryOptions({
    queryKey: ["audit-proof", seq],
    queryFn: ({ signal }) => getView(`/api/v1/audit/proof/${String(seq)}`, auditProofView, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Checks the whole trail on the server, now. */
export async function verifyTrail(): Promise<AuditVerifyView> {
  const answer = await postAct(
    "/api/v1/audit/verify",
    {},
    { idempotencyKey: newIdempotencyKey() },
  );
  return auditVerifyView.parse(answer);
}
