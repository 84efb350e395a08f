import { view } from "../client/view.ts";
export const wrong = view;
