import { view } from "../../lib/client/view.ts";
export const wrong = view;
