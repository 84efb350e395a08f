import { z } from "zod";
import * as api from "#lib/contracts/review-api.ts";
import type { AuditTarget } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";

const paperTarget = (id: string, number: number): AuditTarget => ({ type: "work_paper", id, name: `Work paper ${String(number)}`, digest: null });
const findingTarget = (id: string, number: number): AuditTarget => ({ type: "finding", id, name: `Finding ${String(number)}`, digest: null });
const bad = (pointer: string, message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer, message }] });

function person(actor: Actor): { readonly id: string; readonly name: string } {
  if (actor.userId === null) throw new AppError("forbidden", "A person reviews.");
  return { id: actor.userId, name: actor.name };
}

/** Keeps a sample that was drawn. The draw itself needs the trail and is done by the desk. */
export const saveWorkPaper = command({
  name: "save-work-paper",
  permission: "audit:review",
  input: z.strictObject({
    title: z.string(),
    statement: z.string(),
    filter: z.record(z.string(), z.json()),
    treeSize: z.number().int(),
    population: z.number().int().positive(),
    seed: z.string(),
    items: z.array(z.number().int()),
    attributes: z.array(z.string()),
  }),
  async run({ tx, actor, input }) {
    const { id: drawnById, name: drawnBy } = person(actor);
    const id = newId();
    const { items, treeSize, ...rest } = input;
    const number = await tx.review.insertWorkPaper({ id, ...rest, treeSize: BigInt(treeSize), items: items.map(BigInt), drawnBy, drawnById });
    return {
      result: { number },
      audit: { action: "audit.sample_drawn", targets: [paperTarget(id, number)], after: { statement: rest.statement, population: rest.population, treeSize, seed: rest.seed, items } },
    };
  },
});

export const recordResults = command({
  name: "record-results",
  permission: "audit:review",
  input: z.strictObject({ number: z.number().int().positive(), body: z.unknown() }),
  async run({ tx, actor, input }) {
    const { name: by } = person(actor);
    const { results } = api.recordResultsBody.parse(input.body);
    const paper = await tx.review.getWorkPaper(input.number);
    for (const [index, { seq, attribute }] of results.entries()) {
      if (!paper.items.includes(BigInt(seq))) throw bad(`/results/${String(index)}/seq`, `Entry ${String(seq)} is not in this sample.`);
      if (!paper.attributes.includes(attribute)) throw bad(`/results/${String(index)}/attribute`, "This work paper does not test that.");
    }
    await tx.review.insertResults(results.map((one) => ({ ...one, id: newId(), workPaperId: paper.id, seq: BigInt(one.seq), by })));
    return {
      result: { number: paper.number },
      audit: { action: "audit.sample_tested", targets: [paperTarget(paper.id, paper.number)], after: { results: results.map(({ seq, attribute, held, note }) => ({ seq, attribute, held, note })) } },
    };
  },
});

export const raiseFinding = command({
  name: "raise-finding",
  permission: "audit:review",
  input: api.raiseFindingBody,
  async run({ tx, actor, input }) {
    const { name: raisedBy } = person(actor);
    const { workPaper, seq, title, text, severity } = input;
    const paper = workPaper === null ? null : await tx.review.getWorkPaper(workPaper);
    const id = newId();
    const number = await tx.review.insertFinding({ id, workPaperId: paper?.id ?? null, seq: seq === null ? null : BigInt(seq), title, text, severity, state: "open", raisedBy });
    return {
      result: { number },
      audit: {
        action: "finding.raised",
        targets: [findingTarget(id, number), ...(paper === null ? [] : [paperTarget(paper.id, paper.number)])],
        after: { title, text, severity, workPaper, seq },
      },
    };
  },
});

export const closeFinding = command({
  name: "close-finding",
  permission: "audit:review",
  input: z.strictObject({ number: z.number().int().positive(), body: z.unknown() }),
  async run({ tx, actor, input, now }) {
    const { name: closedBy } = person(actor);
    const { answer } = api.closeFindingBody.parse(input.body);
    const finding = await tx.review.getFinding(input.number);
    if (!(await tx.review.closeFinding(finding.number, { answer, closedBy, closedAt: now }))) throw new AppError("conflict", `Finding ${String(finding.number)} is closed already.`);
    return { result: { number: finding.number }, audit: { action: "finding.closed", targets: [findingTarget(finding.id, finding.number)], after: { answer } } };
  },
});
