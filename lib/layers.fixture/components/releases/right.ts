import { own } from "./own.ts";
export const right = own;
