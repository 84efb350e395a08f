import { app } from "../server/composition.ts";
export const wrong = app;
