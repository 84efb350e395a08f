import { shape } from "../contracts/shape.ts";
export const wrong = shape;
