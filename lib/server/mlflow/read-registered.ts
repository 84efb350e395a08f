import { z } from "zod";
import { mlflowRequests } from "#lib/contracts/mlflow-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import {
  FilterProblem, type FilterRules, MODEL_FILTER, MODEL_ORDER, VERSION_FILTER, VERSION_ORDER, parseFilter, parseOrder,
} from "#lib/domain/mlflow/search-filter.ts";
import { contentDigest } from "../content-digest.ts";
import { query } from "../read.ts";
import { modelMissing } from "./registered-models.ts";
import { versionMissing } from "./model-versions.ts";

const READ = { permission: "model:read", of: "many" } as const;

export const readRegisteredModel = query({
  ...READ,
  name: "read-registered-model",
  input: mlflowRequests.oneModel,
  async run({ db, input }) {
    const model = await db.mlflow.findRegisteredModel(input.name);
    if (model === null) throw modelMissing(input.name);
    return model;
  },
});

export const readModelVersion = query({
  ...READ,
  name: "read-model-version",
  input: mlflowRequests.oneVersion,
  async run({ db, input }) {
    const model = await db.mlflow.findRegisteredModel(input.name);
    const version = model && (await db.mlflow.findModelVersion(model.modelId, input.version));
    if (version === null) throw versionMissing(input.name, input.version);
    return version;
  },
});

/** The version that an alias names now; for a governed alias, what its endpoint serves. */
export const readAliasedVersion = query({
  ...READ,
  name: "read-aliased-version",
  input: mlflowRequests.oneAlias,
  async run({ db, input }) {
    const model = await db.mlflow.findRegisteredModel(input.name);
    if (model === null) throw modelMissing(input.name);
    const number = model.aliases.find(({ alias }) => alias === input.alias)?.number;
    const version = number === undefined ? null : await db.mlflow.findModelVersion(model.modelId, number);
    // What a test of the official client looks for, word for word.
    if (version === null) throw new AppError("invalid_input", `Registered model alias ${input.alias} not found.`);
    return version;
  },
});

type Page = { readonly filter: string; readonly order_by: readonly string[]; readonly max_results: number; readonly page_token: string };

const tokenBody = z.object({ offset: z.number().int().min(0).max(10_000_000), of: z.string() });

/** A page token is only good for the search it came from. */
const searchId = ({ filter, order_by }: Page): string => contentDigest({ filter, order_by: [...order_by] }).slice(7, 23);

function offsetOf(page: Page): number {
  if (page.page_token === "") return 0;
  try {
    const token = tokenBody.parse(JSON.parse(Buffer.from(page.page_token, "base64url").toString("utf8")));
    if (token.of === searchId(page)) return token.offset;
  } catch {
    // Not one of ours.
  }
  throw new AppError("invalid_input", "Invalid page token: it does not belong to this search.");
}

function searchOf(page: Page, rules: FilterRules, keys: readonly string[]) {
  const offset = offsetOf(page);
  try {
    // One more than asked for tells whether there is a next page.
    return { clauses: parseFilter(page.filter, rules), order: parseOrder(page.order_by, keys), limit: page.max_results + 1, offset };
  } catch (error) {
    if (error instanceof FilterProblem) throw new AppError("invalid_input", error.message);
    throw error;
  }
}

function pageOf<T>(rows: readonly T[], page: Page, offset: number): { readonly rows: readonly T[]; readonly nextToken: string } {
  const hasMore = rows.length > page.max_results;
  const next = { offset: offset + page.max_results, of: searchId(page) };
  return { rows: rows.slice(0, page.max_results), nextToken: hasMore ? Buffer.from(JSON.stringify(next)).toString("base64url") : "" };
}

export const searchRegistered = query({
  ...READ,
  name: "search-registered-models",
  input: mlflowRequests.searchModels,
  async run({ db, input }) {
    const search = searchOf(input, MODEL_FILTER, MODEL_ORDER);
    return pageOf(await db.mlflow.searchRegisteredModels(search), input, search.offset);
  },
});

export const searchVersions = query({
  ...READ,
  name: "search-model-versions",
  input: mlflowRequests.searchVersions,
  async run({ db, input }) {
    const search = searchOf(input, VERSION_FILTER, VERSION_ORDER);
    return pageOf(await db.mlflow.searchModelVersions(search), input, search.offset);
  },
});
