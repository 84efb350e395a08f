import type { work } from "../lib/server/work.ts";
export type Wrong = typeof work;
