import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import * as review from "#lib/contracts/review-api.ts";

const none = z.strictObject({});
const byNumber = z.strictObject({ number: z.coerce.number().int().positive().max(2_000_000_000) });
const standing = z.object({ number: z.number().int() });

export const listReview = operation({
  name: "listReview",
  method: "GET",
  path: "/api/v1/audit/work-papers",
  summary: "Work papers and findings, newest first",
  permission: "audit:read",
  params: none,
  query: none,
  body: null,
  response: review.reviewListView,
  status: 200,
});

export const drawWorkPaper = operation({
  name: "drawWorkPaper",
  method: "POST",
  path: "/api/v1/audit/work-papers",
  summary: "Draw a reproducible random sample of the filtered trail and keep it as a work paper",
  permission: "audit:review",
  params: none,
  query: none,
  body: review.drawWorkPaperBody,
  response: standing,
  status: 201,
});

export const getWorkPaper = operation({
  name: "getWorkPaper",
  method: "GET",
  path: "/api/v1/audit/work-papers/{number}",
  summary: "One work paper: population, seed, algorithm, items, results, conclusions",
  permission: "audit:read",
  params: byNumber,
  query: none,
  body: null,
  response: review.workPaperView,
  status: 200,
});

export const recordResults = operation({
  name: "recordResults",
  method: "POST",
  path: "/api/v1/audit/work-papers/{number}/results",
  summary: "Record for items whether an attribute held, with a note",
  permission: "audit:review",
  params: byNumber,
  query: none,
  body: review.recordResultsBody,
  response: standing,
  status: 200,
});

export const raiseFinding = operation({
  name: "raiseFinding",
  method: "POST",
  path: "/api/v1/audit/findings",
  summary: "Raise a finding, about an entry or a work paper",
  permission: "audit:review",
  params: none,
  query: none,
  body: review.raiseFindingBody,
  response: standing,
  status: 201,
});

export const closeFinding = operation({
  name: "closeFinding",
  method: "POST",
  path: "/api/v1/audit/findings/{number}/close",
  summary: "Close a finding with what was done about it",
  permission: "audit:review",
  params: byNumber,
  query: none,
  body: review.closeFindingBody,
  response: standing,
  status: 200,
});
