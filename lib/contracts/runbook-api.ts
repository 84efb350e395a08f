import { z } from "zod";
import { slug } from "./registry-api.ts";

const instant = z.iso.datetime({ offset: false });

/** The parts that every runbook has; headings of its Markdown. */
export const RUNBOOK_SECTIONS = ["When to use it", "First five minutes", "Roll back", "Whom to tell", "Afterwards"] as const;

const runbookText = z
  .string()
  .trim()
  .min(50, "A runbook of less than 50 characters helps nobody.")
  .max(60_000)
  .refine((text) => RUNBOOK_SECTIONS.every((name) => text.split("\n").some((line) => /^#{1,3} /.test(line) && line.replace(/^#+ /, "").trim() === name)), {
    error: `It needs the headings: ${RUNBOOK_SECTIONS.join(", ")}.`,
  });

export const createRunbookBody = z.strictObject({ name: slug, title: z.string().trim().min(3).max(200), text: runbookText });
export const writeRunbookBody = z.strictObject({ text: runbookText });
export const RUNBOOK_DUTIES = ["primary", "secondary"] as const;
export const assignRunbookBody = z.strictObject({ person: z.string().trim().min(3).max(254), duty: z.enum(RUNBOOK_DUTIES) });
export const linkRunbookBody = z
  .strictObject({ endpoint: slug.optional(), model: slug.optional() })
  .refine((body) => (body.endpoint === undefined) !== (body.model === undefined), { error: "Name an endpoint or a model, one of them.", path: ["endpoint"] });
export const acknowledgeRunbookBody = z.strictObject({ version: z.number().int().positive() });

export const runbookRow = z.object({
  name: z.string(),
  title: z.string(),
  version: z.number().int(),
  writtenAt: instant,
  writtenBy: z.string(),
  /** Who is called. `acknowledgedAt`: of the newest version. `isAble`: the account is not disabled. */
  people: z.array(
    z.object({
      userId: z.string(),
      name: z.string(),
      email: z.string(),
      duty: z.enum(RUNBOOK_DUTIES),
      isAble: z.boolean(),
      acknowledgedAt: instant.nullable(),
    }),
  ),
  endpoints: z.array(z.string()),
  models: z.array(z.string()),
  /** What keeps it from counting as documented and assigned; empty when nothing does. */
  gaps: z.array(z.string()),
});
export type RunbookRow = z.output<typeof runbookRow>;

export const runbookListView = z.object({ asOf: instant, rows: z.array(runbookRow), mayEdit: z.boolean() });
export type RunbookListView = z.output<typeof runbookListView>;

export const runbookView = runbookRow.extend({
  asOf: instant,
  text: z.string(),
  digest: z.string(),
  versions: z.array(z.object({ number: z.number().int(), digest: z.string(), writtenBy: z.string(), writtenAt: instant })),
  mayEdit: z.boolean(),
  /** The viewer is assigned and has not acknowledged the newest version. */
  mayAcknowledge: z.boolean(),
});
export type RunbookView = z.output<typeof runbookView>;
