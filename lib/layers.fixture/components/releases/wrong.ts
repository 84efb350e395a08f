import { page } from "../models/page.ts";
export const wrong = page;
