import { z } from "zod";
import * as api from "#lib/contracts/review-api.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { deviationBound, drawSample, SAMPLE_ALGORITHM } from "#lib/domain/review/sample.ts";
import { authorise } from "../access.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import { filterQuery } from "../audit/describe-filter.ts";
import { eventView } from "../audit/event-view.ts";
import { resolveAuditFilter } from "../audit/resolve-audit-filter.ts";
import { sha256 } from "../audit/sha256.ts";
import type { FindingRecord, WorkPaperRecord } from "../db/review-repository.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { saveWorkPaper } from "./write-review.ts";

const SHOWN = 100;

function findingView(finding: FindingRecord, workPaper: number | null): api.FindingView {
  const { number, title, text, seq, raisedBy, raisedAt, answer, closedBy, closedAt } = finding;
  return {
    ...{ number, title, text, workPaper, raisedBy, answer, closedBy },
    severity: z.enum(["high", "medium", "low"]).parse(finding.severity),
    state: z.enum(["open", "closed"]).parse(finding.state),
    seq: seq === null ? null : Number(seq),
    raisedAt: raisedAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
  };
}

/** The newest word on each attribute of each item. */
function standingResults(paper: WorkPaperRecord): WorkPaperRecord["results"] {
  const newest = new Map(paper.results.map((one) => [`${String(one.seq)} ${one.attribute}`, one]));
  return [...newest.values()];
}

function rowOf(paper: WorkPaperRecord): api.WorkPaperRow {
  const results = standingResults(paper);
  const { number, title, statement, population, seed, drawnBy } = paper;
  return {
    ...{ number, title, statement, population, seed, drawnBy },
    drawn: paper.items.length,
    drawnAt: paper.drawnAt.toISOString(),
    tested: new Set(results.map(({ seq }) => seq)).size,
    exceptions: new Set(results.filter(({ held }) => !held).map(({ seq }) => seq)).size,
  };
}

/** What an examiner does beside reading: draws samples, tests them, raises findings. */
export function createReviewDesk({ store, auditStore }: { readonly store: Store; readonly auditStore: AuditStore }) {
  return {
    /** Draws from the filtered trail as it is now and keeps the result. The same filter, size, count and seed give the same items for ever. */
    async draw(actor: Actor, raw: z.input<typeof api.drawWorkPaperBody>): Promise<{ number: number }> {
      authorise(actor, "audit:review", null);
      const { title, filter: asked, count, seed, attributes } = api.drawWorkPaperBody.parse(raw);
      const { filter, statement } = await resolveAuditFilter(store, asked);
      const { size } = await auditStore.head();
      const { count: population } = await auditStore.summarise(filter, size);
      if (population === 0) throw new AppError("invalid_input", "No entry matches this filter.", { errors: [{ pointer: "/filter", message: "The population is empty." }] });
      const positions = drawSample(population, count, seed, sha256);
      const items = await auditStore.seqsAt(filter, size, positions);
      return saveWorkPaper(store)(actor, { title, statement, filter: z.record(z.string(), z.json()).parse(filterQuery(filter)), treeSize: size, population, seed, items: [...items], attributes });
    },

    async list(actor: Actor): Promise<api.ReviewListView> {
      authorise(actor, "audit:read", null);
      const asOf = (await auditStore.now()).toISOString();
      return store.read(async (db) => {
        const findings = await db.review.listFindings(SHOWN);
        const numbers = await db.review.workPaperNumbers(findings.flatMap(({ workPaperId }) => workPaperId ?? []));
        return {
          asOf,
          workPapers: (await db.review.listWorkPapers(SHOWN)).map(rowOf),
          findings: findings.map((finding) => findingView(finding, numbers.get(finding.workPaperId ?? "") ?? null)),
          mayWrite: allowsSomewhere(actor, "audit:review"),
        };
      });
    },

    async read(actor: Actor, number: number): Promise<api.WorkPaperView> {
      authorise(actor, "audit:read", null);
      const asOf = (await auditStore.now()).toISOString();
      const paper = await store.read((db) => db.review.getWorkPaper(number));
      const positions = drawSample(paper.population, paper.items.length, paper.seed, sha256);
      const results = standingResults(paper);
      const items = [];
      for (const [index, seq] of paper.items.entries()) {
        const [stored] = await auditStore.leaves(Number(seq), Number(seq) + 1);
        if (stored === undefined) throw new Error(`Entry ${String(seq)} of a work paper is not in the trail.`);
        items.push({
          position: positions[index] ?? 0,
          event: eventView(stored),
          results: results.filter((one) => one.seq === seq).map(({ attribute, held, note, by, at }) => ({ attribute, held, note, by, at: at.toISOString() })),
        });
      }
      return {
        ...rowOf(paper),
        asOf,
        treeSize: Number(paper.treeSize),
        algorithm: SAMPLE_ALGORITHM,
        attributes: paper.attributes,
        items,
        conclusions: paper.attributes.map((attribute) => {
          const tested = results.filter((one) => one.attribute === attribute);
          const held = tested.filter((one) => one.held).length;
          const isComplete = tested.length === paper.items.length;
          return { attribute, tested: tested.length, held, upperBound: isComplete ? deviationBound(paper.population, tested.length, tested.length - held) : null };
        }),
        findings: paper.findings.map((finding) => findingView(finding, paper.number)),
        mayWrite: allowsSomewhere(actor, "audit:review"),
      };
    },
  };
}

export type ReviewDesk = ReturnType<typeof createReviewDesk>;
