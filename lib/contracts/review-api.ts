import { z } from "zod";
import { auditEventView, auditFilterQuery } from "./audit-api.ts";

const instant = z.iso.datetime({ offset: false });
const line = (least: number, most: number) => z.string().trim().min(least, `Write at least ${String(least)} characters.`).max(most);

export const drawWorkPaperBody = z.strictObject({
  title: line(3, 200),
  filter: auditFilterQuery.default({}),
  count: z.number().int().min(1).max(200),
  seed: line(1, 100),
  /** What is tested on each item. */
  attributes: z.array(line(3, 120)).min(1).max(12),
});

export const recordResultsBody = z.strictObject({
  results: z
    .array(z.strictObject({ seq: z.number().int().nonnegative(), attribute: z.string().max(120), held: z.boolean(), note: z.string().trim().max(2000).default("") }))
    .min(1)
    .max(500),
});

export const raiseFindingBody = z.strictObject({
  title: line(5, 200),
  text: line(10, 8000),
  severity: z.enum(["high", "medium", "low"]),
  workPaper: z.number().int().positive().nullable().default(null),
  seq: z.number().int().nonnegative().nullable().default(null),
});
export const closeFindingBody = z.strictObject({ answer: line(10, 8000) });

export const workPaperRow = z.object({
  number: z.number().int(),
  title: z.string(),
  statement: z.string(),
  population: z.number().int(),
  drawn: z.number().int(),
  seed: z.string(),
  drawnBy: z.string(),
  drawnAt: instant,
  tested: z.number().int(),
  exceptions: z.number().int(),
});
export type WorkPaperRow = z.output<typeof workPaperRow>;

export const findingView = z.object({
  number: z.number().int(),
  title: z.string(),
  text: z.string(),
  severity: z.enum(["high", "medium", "low"]),
  state: z.enum(["open", "closed"]),
  workPaper: z.number().int().nullable(),
  seq: z.number().int().nullable(),
  raisedBy: z.string(),
  raisedAt: instant,
  answer: z.string().nullable(),
  closedBy: z.string().nullable(),
  closedAt: instant.nullable(),
});
export type FindingView = z.output<typeof findingView>;

export const reviewListView = z.object({ asOf: instant, workPapers: z.array(workPaperRow), findings: z.array(findingView), mayWrite: z.boolean() });
export type ReviewListView = z.output<typeof reviewListView>;

export const workPaperView = workPaperRow.extend({
  asOf: instant,
  treeSize: z.number().int(),
  algorithm: z.string(),
  attributes: z.array(z.string()),
  items: z.array(
    z.object({
      /** Its number in the population, from 0. */
      position: z.number().int(),
      event: auditEventView,
      results: z.array(z.object({ attribute: z.string(), held: z.boolean(), note: z.string(), by: z.string(), at: instant })),
    }),
  ),
  /** By attribute: how many held of how many tested, and the most of the population that deviate (95 %, one-sided). */
  conclusions: z.array(z.object({ attribute: z.string(), tested: z.number().int(), held: z.number().int(), upperBound: z.number().int().nullable() })),
  findings: z.array(findingView),
  mayWrite: z.boolean(),
});
export type WorkPaperView = z.output<typeof workPaperView>;
