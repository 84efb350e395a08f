import { z } from "zod";
import * as api from "#lib/contracts/card-api.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { Claim } from "#lib/domain/card/contradictions.ts";
import { contradictionsIn } from "#lib/domain/card/contradictions.ts";
import { publishingRefusals, signaturesNeeded, standingSignatures } from "#lib/domain/card/publishing.ts";
import { completenessOf, type SectionName, type Sections } from "#lib/domain/card/sections.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import type { CardRevisionRecord } from "../db/card-repository.ts";
import { recordFacts } from "../governance/record-facts.ts";
import { versionSubject } from "../governance/subjects.ts";
import { newId } from "../new-id.ts";
import type { Actor, UnitOfWork } from "../ports.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";
import { requireSigner } from "../signatures/require-signer.ts";
import { cardFactsOf } from "./card-facts.ts";
import { cardDigest, cardHome, cardTargets, type CardHome } from "./card-state.ts";
import { documentOf } from "./read-card.ts";
import { readForeignCard } from "./foreign-card.ts";
import { cardToMarkdown } from "./formats/markdown.ts";

const which = z.strictObject({ model: slug, version: versionName, body: z.unknown() });
type Located = { readonly tx: UnitOfWork; readonly input: z.output<typeof which> };

const locate = async ({ tx, input }: Located) => {
  const home = await cardHome(tx, input);
  return { environmentId: null, targets: cardTargets(home), home };
};

/** The draft of a version's card, made from the newest revision when there is none. */
async function draftOf(tx: UnitOfWork, home: CardHome, actor: Actor): Promise<CardRevisionRecord> {
  const revisions = await tx.cards.lockCard(home.version.id);
  const draft = revisions.find(({ state }) => state === "draft");
  if (draft !== undefined) return draft;
  const newest = revisions[0];
  await tx.cards.insertCardRevision({
    id: newId(),
    versionId: home.version.id,
    number: (newest?.number ?? 0) + 1,
    sections: newest?.sections ?? {},
    claims: newest?.claims ?? [],
    createdBy: actor.name,
  });
  const made = (await tx.cards.cardRevisions(home.version.id)).find(({ state }) => state === "draft");
  if (made === undefined) throw new Error("The draft that was just made is not there.");
  return made;
}

type Scene = { readonly tx: UnitOfWork; readonly actor: Actor; readonly home: CardHome; readonly now: Date };
type Change = { readonly texts: ReadonlyMap<SectionName, string>; readonly origin: "typed" | "imported"; readonly claims?: readonly Claim[] };

/** Writes sections of the draft; what was signed before no longer counts, and says why. */
async function change({ tx, actor, home, now }: Scene, draft: CardRevisionRecord, { texts, origin, claims }: Change) {
  if (actor.personId === null) throw new AppError("forbidden", "A card is written by a person.");
  const { personId } = actor;
  const next: Sections = {
    ...draft.sections,
    ...Object.fromEntries([...texts].map(([name, text]) => [name, { text, by: actor.name, personId, at: now.toISOString(), origin }])),
  };
  const digest = cardDigest(home.version.digest, next, await cardFactsOf(tx, home.model, home.version, now));
  await tx.cards.saveCardRevision(draft, { sections: next, digest, ...(claims === undefined ? {} : { claims }) });
  const voided = await tx.cards.voidCardSignatures(draft.id, "The card was changed after signing.", now);
  const voidEntries: AuditDraft[] = voided.length === 0 ? [] : [{ action: "card.signatures_voided", targets: cardTargets(home), after: { revision: draft.number, voided } }];
  return { standing: { revision: draft.number, state: "draft" as const, digest }, voidEntries };
}

export const writeCardSection = command({
  name: "write-card-section",
  permission: "card:edit",
  input: which,
  locate,
  async run({ tx, actor, input, now, located: { home, targets } }) {
    const { section, text } = api.writeCardSectionBody.parse(input.body);
    const draft = await draftOf(tx, home, actor);
    const before = draft.sections[section]?.text ?? "";
    if (before === text) return unchanged({ revision: draft.number, state: "draft" as const, digest: draft.digest ?? cardDigest(home.version.digest, draft.sections, await cardFactsOf(tx, home.model, home.version, now)) });
    const { standing, voidEntries } = await change({ tx, actor, home, now }, draft, { texts: new Map([[section, text]]), origin: "typed" });
    const audit: AuditDraft = { action: "card.section_written", targets, before: { section, text: before }, after: { section, text, revision: draft.number } };
    return { result: standing, audit: [audit, ...voidEntries] as const };
  },
});

export const importCard = command({
  name: "import-card",
  permission: "card:edit",
  input: which,
  locate,
  async run({ tx, actor, input, now, located: { home, targets } }) {
    const body = api.importCardBody.parse(input.body);
    const read = readForeignCard(body.format, body.text);
    if (read.sections.size === 0 && read.claims.length === 0) {
      throw new AppError("invalid_input", "Nothing in it has a place on a card.", { hint: "Headings such as Intended use, Limitations or Risks are taken.", errors: [{ pointer: "/text", message: "No section was recognised." }] });
    }
    const draft = await draftOf(tx, home, actor);
    const { standing, voidEntries } = await change({ tx, actor, home, now }, draft, { texts: read.sections, origin: "imported", claims: read.claims });
    const after = { format: body.format, sections: [...read.sections.keys()], claims: read.claims.length, ignored: [...read.ignored] };
    const audit: AuditDraft = { action: "card.imported", targets, after };
    return { result: { ...standing, sections: after.sections, claims: after.claims, ignored: after.ignored.slice(0, 100) }, audit: [audit, ...voidEntries] as const };
  },
});

async function drafted({ tx, home }: Scene): Promise<CardRevisionRecord> {
  const draft = (await tx.cards.lockCard(home.version.id)).find(({ state }) => state === "draft");
  if (draft === undefined) throw new AppError("conflict", "There is no draft: write or import something first.");
  return draft;
}

/** Refuses when what the person saw is not what there is. */
function requireSeen(seen: string, present: string): void {
  if (seen !== present) throw new AppError("stale_version", "The card or a fact on it changed since you opened it. Read it again.", { hint: "Reload the page: it shows the new digest." });
}

export const signCard = command({
  name: "sign-card",
  permission: "card:sign",
  input: which,
  locate,
  async run({ tx, actor, input, now, located: { home, targets } }) {
    const body = api.signCardBody.parse(input.body);
    const draft = await drafted({ tx, actor, home, now });
    const digest = cardDigest(home.version.digest, draft.sections, await cardFactsOf(tx, home.model, home.version, now));
    requireSeen(body.digest, digest);
    const signer = await requireSigner(tx, actor, { action: "sign-card", digest, grant: body.grant ?? null, isReauthenticationRequired: false }, now);
    const author = await tx.people.getPerson(home.version.authorId);
    const candidate = { personId: signer.personId, digest, isVoid: false };
    if (standingSignatures([candidate], digest, draft.sections, author.personId).length === 0) {
      throw new AppError("self_approval", "Nobody signs a card of a version they made or a section they wrote.");
    }
    if (draft.signatures.some((one) => one.voidedAt === null && one.digest === digest && one.personId === signer.personId)) {
      throw new AppError("conflict", "You have signed this card already.");
    }
    const id = newId();
    const { meaning, reason } = body;
    await tx.cards.insertCardSignature({ id, revisionId: draft.id, ...signer, meaning, reason, digest });
    return {
      result: { revision: draft.number, state: "draft" as const, digest },
      audit: { action: "card.signed" as const, targets, after: { signatureId: id, revision: draft.number, digest, meaning, signedName: signer.signedName, method: signer.method }, reason },
      forceCheckpoint: true,
    };
  },
});

export const publishCard = command({
  name: "publish-card",
  permission: "card:publish",
  input: which,
  locate,
  async run({ tx, actor, input, now, located: { home, targets } }) {
    const body = api.publishCardBody.parse(input.body);
    const draft = await drafted({ tx, actor, home, now });
    const groups = await cardFactsOf(tx, home.model, home.version, now);
    const digest = cardDigest(home.version.digest, draft.sections, groups);
    requireSeen(body.digest, digest);
    const author = await tx.people.getPerson(home.version.authorId);
    const { riskTier } = home.model;
    const facts = draft.signatures.map((one) => ({ personId: one.personId, digest: one.digest, isVoid: one.voidedAt !== null }));
    const completeness = completenessOf(draft.sections, riskTier);
    const contradictions = contradictionsIn(draft.sections, draft.claims, groups);
    const refusals = publishingRefusals({
      completeness,
      contradictions,
      standing: standingSignatures(facts, digest, draft.sections, author.personId).length,
      needed: signaturesNeeded(riskTier),
    });
    if (refusals.length > 0) throw new AppError("requirements_open", refusals.join(" "));
    const published = (await tx.cards.cardRevisions(home.version.id)).find(({ state }) => state === "published");
    if (published !== undefined) await tx.cards.saveCardRevision(published, { state: "replaced" });
    await tx.cards.saveCardRevision(draft, { state: "published", facts: groups, digest, publishedAt: now, publishedBy: actor.name });
    const markdown = cardToMarkdown(documentOf(home, { ...draft, state: "published", publishedAt: now }, groups, now));
    const names = draft.signatures.filter((one) => one.voidedAt === null && one.digest === digest).map(({ signedName }) => signedName);
    const evidenceId = newId();
    await tx.evidence.insertEvidence({
      id: evidenceId,
      kind: "model_card",
      subjectType: "version",
      subjectId: home.version.id,
      subjectDigest: home.version.digest,
      verdict: "passed",
      summary: `Model card, revision ${String(draft.number)}, published, signed by ${names.join(", ")}.`,
      details: { markdown: markdown.slice(0, 30_000), revision: draft.number, cardDigest: digest },
      producer: "Model cards",
      producerVersion: SLIPWAY_VERSION,
      inputsHash: digest,
      expiresAt: null,
    });
    const recorded = await recordFacts(
      tx,
      [
        {
          kind: "model_card_published",
          subject: versionSubject(home.version),
          summary: `Model card, revision ${String(draft.number)}, published with ${String(completeness.written)} of ${String(completeness.required)} required sections, signed by ${names.join(", ")}.`,
          details: { missingFields: completeness.missing.length, figuresThatDiffer: contradictions.length, cardDigest: digest },
          inputsHash: digest,
        },
      ],
      { producer: "Model cards", producerVersion: SLIPWAY_VERSION, targets, now },
    );
    return {
      result: { revision: draft.number, state: "published" as const, digest },
      audit: [
        { action: "card.published", targets, after: { revision: draft.number, digest, signedBy: names, replaces: published?.number ?? null } },
        { action: "evidence.recorded", targets: [{ type: "evidence", id: evidenceId, name: "model_card", digest }, ...targets], after: { kind: "model_card", verdict: "passed", inputsHash: digest } },
        ...recorded,
      ] as const,
      forceCheckpoint: true,
    };
  },
});
