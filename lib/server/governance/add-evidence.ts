import { createHash } from "node:crypto";
import { addEvidenceBody, MAX_DOCUMENT_BYTES } from "#lib/contracts/governance-api.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { AppError } from "#lib/domain/errors.ts";
import { judgeDetails } from "#lib/domain/governance/evidence/judge-details.ts";
import { type EvidenceKindInfo, findKind } from "#lib/domain/governance/evidence/kinds.ts";
import { sniffDocument } from "#lib/domain/governance/evidence/sniff-document.ts";
import { command } from "../command.ts";
import type { Actor } from "../ports.ts";
import { recordFacts, verdictOf } from "./record-facts.ts";
import { resolveSubject } from "./resolve-subject.ts";

const MAX_AHEAD_MS = 10 * 366 * 86_400_000;

function requireKind(id: string, subject: string, actor: Actor): EvidenceKindInfo {
  const kind = findKind(id);
  if (kind === null) {
    throw new AppError("invalid_input", `There is no evidence kind ${id}.`, { hint: "GET /api/v1/evidence/kinds lists them.", errors: [{ pointer: "/kind", message: "No such kind." }] });
  }
  if (kind.by === "slipway") {
    throw new AppError("invalid_input", `${kind.label} is made by Slipway itself and cannot be sent.`, { errors: [{ pointer: "/kind", message: "Made by Slipway itself." }] });
  }
  if (kind.subject !== subject) {
    throw new AppError("invalid_input", `${kind.label} is evidence about a ${kind.subject}, not about a ${subject}.`, { errors: [{ pointer: "/subject/type", message: `Name a ${kind.subject}.` }] });
  }
  if (kind.by === "person" && actor.type !== "person") {
    throw new AppError("forbidden", `${kind.label} is a person's signed statement; a token cannot sign.`, { hint: "Sign in and add it on the assurance page." });
  }
  return kind;
}

/** Refuses fields that the kind does not know and fields left out: a statement that leaves something out shows nothing. */
function requireFields(kind: EvidenceKindInfo, details: JsonObject, now: Date): void {
  const known = new Set(kind.fields.map(({ name }) => name));
  const unknown = Object.keys(details).filter((name) => !known.has(name));
  const absent = judgeDetails(kind, details, now.getTime()).filter(({ isAbsent }) => isAbsent);
  const errors = [
    ...unknown.map((name) => ({ pointer: `/details/${name}`, message: "This kind has no such field." })),
    ...absent.map(({ field, message }) => ({ pointer: `/details/${field}`, message })),
  ];
  if (errors.length > 0) throw new AppError("invalid_input", `${kind.label} is not complete: ${errors.length} field${errors.length === 1 ? "" : "s"} to correct.`, { errors });
}

type Opened = { readonly digest: string; readonly mediaType: string; readonly fileName: string; readonly bytes: Uint8Array };

function openDocument(document: { fileName: string; base64: string } | undefined): Opened | null {
  if (document === undefined) return null;
  const bytes = new Uint8Array(Buffer.from(document.base64, "base64"));
  const refuse = (message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer: "/document", message }] });
  if (bytes.byteLength > MAX_DOCUMENT_BYTES) throw refuse("The document is larger than 5 MiB.");
  const type = sniffDocument(bytes);
  if (type === null) throw refuse("The document's content is none of: PDF, PNG, JPEG, JSON, plain text, Word or Excel without macros.");
  // Letters, digits and a few signs only: the name goes into a header when the document is fetched.
  const fileName = document.fileName.replaceAll(/[^\p{L}\p{N} ._()-]/gu, "_");
  return { digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, mediaType: type.mediaType, fileName, bytes };
}

/** A fact that a person states and signs, or that a pipeline measured elsewhere. Its verdict follows from its fields. */
export const addEvidence = command({
  name: "add-evidence",
  permission: "evidence:create",
  input: addEvidenceBody,
  locate: ({ tx, input }) => resolveSubject(tx, input.subject),
  async run({ tx, actor, input, now, located: { subject, targets, name } }) {
    const kind = requireKind(input.kind, input.subject.type, actor);
    requireFields(kind, input.details, now);
    const expiresAt = input.expiresAt === undefined ? null : new Date(input.expiresAt);
    if (expiresAt !== null && (expiresAt <= now || expiresAt.getTime() > now.getTime() + MAX_AHEAD_MS)) {
      throw new AppError("invalid_input", "It must count for a time that lies ahead.", { errors: [{ pointer: "/expiresAt", message: "Choose a moment that lies ahead." }] });
    }
    const document = openDocument(input.document);
    if (document !== null && actor.userId !== null) {
      const { digest, mediaType, fileName, bytes } = document;
      await tx.governance.insertDocument({ digest, mediaType, fileName, bytes, uploadedById: actor.userId });
    }
    const details: JsonObject = { ...input.details, statement: input.statement, ...(document === null ? {} : { document: document.fileName }) };
    const fact = { kind: kind.id, subject, summary: input.statement.length > 300 ? `${input.statement.slice(0, 299)}…` : input.statement, details, expiresAt, recordedById: actor.userId, documentDigest: document?.digest ?? null };
    const [draft, ...rest] = await recordFacts(tx, [fact], {
      producer: actor.name,
      producerVersion: actor.type === "person" ? "signed statement" : "sent by token",
      targets,
      now,
    });
    if (draft === undefined) throw new Error("No fact was recorded.");
    const { verdict } = verdictOf(fact, now);
    const id = draft.targets[0]?.id ?? "";
    return { result: { id, kind: kind.id, subject: name, verdict, documentDigest: document?.digest ?? null }, audit: [{ ...draft, reason: input.statement }, ...rest] };
  },
});
