import type { App } from "../server/composition.ts";
export const right: App = 1;
