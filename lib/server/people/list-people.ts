import { z } from "zod";
import { query } from "../read.ts";

/** Everybody here with their roles, by name. */
export const listPeople = query({
  name: "list-people",
  permission: "person:read",
  of: "many",
  input: z.strictObject({}),
  run: ({ db }) => db.people.listPeople(),
});
