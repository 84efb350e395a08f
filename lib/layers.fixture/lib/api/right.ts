import { app } from "../server/composition.ts";
export const right = app;
