import { work } from "../server/work.ts";
export const wrong = work;
