import { z } from "zod";
import { type EvidenceKindView, type EvidenceRow, listEvidenceQuery } from "#lib/contracts/governance-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import { findKind, KINDS } from "#lib/domain/governance/evidence/kinds.ts";
import { endOf } from "#lib/domain/governance/evidence/standing.ts";
import { type EvidenceRecord, toFact } from "../db/evidence-repository.ts";
import { query } from "../read.ts";
import { kindTitle } from "./requirements.ts";
import { kindView } from "./views/kind-view.ts";

export function evidenceRow(record: EvidenceRecord): EvidenceRow {
  const kind = findKind(record.kind);
  const end = kind === null ? (record.expiresAt?.getTime() ?? null) : endOf(kind, toFact(record));
  return {
    id: record.id,
    kind: record.kind,
    title: kindTitle(record.kind),
    subjectType: record.subjectType,
    subjectId: record.subjectId,
    subjectDigest: record.subjectDigest,
    verdict: record.verdict,
    summary: record.summary,
    details: record.details,
    producer: record.producer,
    producerVersion: record.producerVersion,
    inputsHash: record.inputsHash,
    producedAt: record.producedAt.toISOString(),
    countsUntil: end === null ? null : new Date(end).toISOString(),
    documentDigest: record.documentDigest ?? null,
  };
}

const cursorOf = ({ producedAt, id }: EvidenceRecord): string => `${producedAt.toISOString()}_${id}`;

function parseCursor(cursor: string | undefined): { producedAt: Date; id: string } | null {
  const [at, id] = cursor?.split("_") ?? [];
  const parsed = z.tuple([z.iso.datetime(), z.uuid()]).safeParse([at, id]);
  return parsed.success ? { producedAt: new Date(parsed.data[0]), id: parsed.data[1] } : null;
}

/** Evidence, newest first, of a kind, a subject or a model. */
export const listEvidence = query({
  name: "list-evidence",
  permission: "evidence:read",
  of: "many",
  input: listEvidenceQuery,
  async run({ db, input }): Promise<{ data: EvidenceRow[]; next: string | null }> {
    const { model: modelName, version: versionNameAsked, limit, cursor, ...filter } = input;
    let subjectId = filter.subjectId;
    if (modelName !== undefined) {
      const model = await db.models.getModel(modelName);
      const version = versionNameAsked === undefined ? null : await db.models.findVersion(model.id, versionNameAsked);
      if (versionNameAsked !== undefined && version === null) throw notFound();
      subjectId = version?.id ?? model.id;
    }
    const rows = await db.evidence.listEvidence({ ...filter, subjectId }, limit + 1, parseCursor(cursor));
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { data: shown.map(evidenceRow), next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
  },
});

/** Every kind of evidence: what it must say, about what, how long it counts and who may make it. */
export const listEvidenceKinds = query({
  name: "list-evidence-kinds",
  permission: "evidence:read",
  of: "many",
  input: z.strictObject({}),
  run: (): Promise<{ data: EvidenceKindView[] }> =>
    Promise.resolve({
      data: KINDS.map(kindView),
    }),
});

/** The bytes of a document that evidence rests on. */
export const readEvidenceDocument = query({
  name: "read-evidence-document",
  permission: "evidence:read",
  of: "one",
  input: z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  async run({ db, input }) {
    const document = await db.governance.findDocument(input.digest);
    if (document === null) throw notFound();
    return document;
  },
});
