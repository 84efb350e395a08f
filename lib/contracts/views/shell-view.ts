import { z } from "zod";
import { count, instant } from "./view-parts.ts";

/** What the frame around every page shows. Read with each page, so it costs one small query. */
export const shellView = z.object({
  asOf: instant,
  install: z.object({
    name: z.string(),
    version: z.string(),
    demo: z.boolean(),
    /** False: one database role only; triggers protect the log, roles do not. Settings says so too. */
    rolesSeparated: z.boolean(),
  }),
  viewer: z.object({
    userId: z.string(),
    name: z.string(),
    email: z.string(),
    /** In words, highest first: ["ML lead"]. */
    roleLabels: z.array(z.string()),
    /** IANA name; every time on the screen is printed in it. */
    timeZone: z.string(),
  }),
  needsYou: count,
  environments: z.array(z.string()),
  /** Which rail entries the viewer may open. */
  nav: z.object({
    models: z.boolean(),
    endpoints: z.boolean(),
    assurance: z.boolean(),
    incidents: z.boolean(),
    audit: z.boolean(),
    settings: z.boolean(),
  }),
});
export type ShellView = z.output<typeof shellView>;
