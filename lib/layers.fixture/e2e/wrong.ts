import { work } from "../lib/server/work.ts";
export const wrong = work;
