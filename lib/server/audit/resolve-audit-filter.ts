import type { AuditFilterQuery } from "#lib/contracts/audit-api.ts";
import { AUDIT_ACTION_NAMES } from "#lib/domain/audit/actions.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { ReadModels } from "../ports.ts";
import type { Store } from "../store.ts";
import type { AuditFilter } from "./audit-store.ts";
import { describeFilter } from "./describe-filter.ts";

export type ResolvedFilter = { readonly filter: AuditFilter; readonly statement: string };

const unknown = (name: string, message: string): AppError =>
  new AppError("invalid_input", message, { errors: [{ pointer: `/${name}`, message }] });

/** A name in the query, and the part of the filter that its id becomes. */
type Named = keyof AuditFilterQuery & ("model" | "version" | "endpoint" | "environment" | "release" | "actor");
type Lookup = { readonly part: keyof AuditFilter; find(db: ReadModels, text: string): Promise<string | null> };

const LOOKUPS: Readonly<Record<Named, Lookup>> = {
  model: { part: "modelId", find: async (db, name) => (await db.models.findModel(name))?.id ?? null },
  version: {
    part: "versionId",
    async find(db, text) {
      const [modelName = "", versionName = ""] = text.split("/", 2);
      const model = await db.models.findModel(modelName);
      return model === null ? null : ((await db.models.findVersion(model.id, versionName))?.id ?? null);
    },
  },
  endpoint: {
    part: "endpointId",
    find: async (db, wanted) => (await db.endpoints.listEndpoints()).find(({ name }) => name === wanted)?.id ?? null,
  },
  environment: { part: "environmentId", find: async (db, name) => (await db.endpoints.findEnvironment(name))?.id ?? null },
  release: {
    part: "releaseId",
    find: async (db, text) => {
      const by = /^[1-9][0-9]{0,8}$/.test(text) ? { number: Number(text) } : { id: text };
      return (await db.releases.getRelease(by)).release.id;
    },
  },
  actor: { part: "actorId", find: (db, text) => db.people.actorIdOf(text) },
};

const isNamed = (key: string): key is Named => Object.hasOwn(LOOKUPS, key);

function actionsOf(action: string | undefined): Pick<AuditFilter, "actions"> {
  if (action === undefined) return {};
  const actions = AUDIT_ACTION_NAMES.filter((name) => name === action || name.startsWith(`${action}.`));
  if (actions.length === 0) throw unknown("action", `There is no action named ${action}.`);
  return { actions };
}

/**
 * Names in the query become ids, and the whole becomes a sentence. A name that nothing has is refused, never ignored:
 * an empty list would read as "nothing happened".
 */
export async function resolveAuditFilter(store: Store, query: AuditFilterQuery): Promise<ResolvedFilter> {
  const names = new Map<string, string>();
  const ids = await store.read(async (db) => {
    const found: [string, string][] = [];
    for (const [key, text] of Object.entries(query)) {
      if (!isNamed(key) || text === undefined) continue;
      const { part, find } = LOOKUPS[key];
      const id = await find(db, text);
      if (id === null) throw unknown(key, `There is no ${key} named ${text}.`);
      names.set(id, text);
      found.push([part, id]);
    }
    return Object.fromEntries(found);
  });
  const filter: AuditFilter = {
    ...ids,
    ...actionsOf(query.action),
    ...(query.outcome ? { outcomes: [query.outcome] } : {}),
    ...(query.actorType ? { actorTypes: [query.actorType] } : {}),
    ...(query.from ? { from: new Date(query.from) } : {}),
    ...(query.to ? { to: new Date(query.to) } : {}),
  };
  return { filter, statement: describeFilter(filter, names) };
}
