import { z } from "zod";
import { releaseState } from "./release-vocabulary.ts";

/** GET /api/v1/views/search?q=: what the command palette finds. Only what the viewer may read. */
export const searchQuery = z.strictObject({ q: z.string().trim().max(120).default("") });
export type SearchQuery = z.output<typeof searchQuery>;

export const searchKinds = ["release", "model", "version", "endpoint", "person"] as const;
export const searchItem = z.object({
  kind: z.enum(searchKinds),
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  href: z.string(),
  /** For releases: drawn with its shape and word. */
  releaseState: releaseState.nullable(),
});
export type SearchItem = z.output<typeof searchItem>;

export const searchView = z.object({ items: z.array(searchItem).max(40), more: z.boolean() });
export type SearchView = z.output<typeof searchView>;
