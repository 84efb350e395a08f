import { diffWordsWithSpace } from "diff";
import { z } from "zod";
import type { CardView, DiffPartView } from "#lib/contracts/card-api.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { contradictionsIn } from "#lib/domain/card/contradictions.ts";
import type { CardFactGroup } from "#lib/domain/card/facts.ts";
import { publishingRefusals, signaturesNeeded, standingSignatures } from "#lib/domain/card/publishing.ts";
import { CARD_SECTIONS, completenessOf, SECTION_NAMES, type Sections } from "#lib/domain/card/sections.ts";
import type { DependencyLock } from "#lib/domain/dependencies/lock.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { CardRevisionRecord } from "../db/card-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";
import type { CardDocument } from "./card-document.ts";
import { cardFactsOf } from "./card-facts.ts";
import { cardDigest, cardHome, type CardHome } from "./card-state.ts";

type Shown = Pick<CardRevisionRecord, "number" | "state" | "publishedAt" | "sections" | "signatures" | "digest">;

/** A revision as a document for the formats. */
export function documentOf({ model, version }: CardHome, revision: Shown | null, groups: readonly CardFactGroup[], now: Date): CardDocument {
  return {
    model: model.name,
    version: version.name,
    digest: version.digest,
    riskTier: model.riskTier,
    revision: revision?.number ?? 0,
    state: revision?.state ?? "draft",
    publishedAt: revision?.publishedAt?.toISOString() ?? null,
    madeAt: now.toISOString(),
    generator: `slipway ${SLIPWAY_VERSION}`,
    sections: revision?.sections ?? {},
    groups,
    signatures: (revision?.signatures ?? [])
      .filter(({ voidedAt, digest }) => voidedAt === null && (revision?.state === "draft" || digest === revision?.digest))
      .map(({ signedName, meaning, reason, signedAt, digest }) => ({ signedName, meaning, reason, signedAt: signedAt.toISOString(), digest })),
  };
}

/** A published revision shows the facts it was signed with, beside what is live now; a draft shows the facts of now. */
async function groupsFor(db: ReadModels, home: CardHome, revision: CardRevisionRecord | null, now: Date): Promise<CardFactGroup[]> {
  const present = await cardFactsOf(db, home.model, home.version, now);
  const kept = revision?.facts ?? null;
  return kept === null ? present : [...kept.filter(({ isLive }) => !isLive), ...present.filter(({ isLive }) => isLive)];
}

/** More words than this are compared by the reader, not by the server. */
const MAX_DIFF_CHARS = 20_000;

function diffOf(before: string, after: string): DiffPartView[] | null {
  if (before === after || before.length + after.length > MAX_DIFF_CHARS) return null;
  return diffWordsWithSpace(before, after).map(({ value, added, removed }) => ({ text: value, kind: added ? "added" : removed ? "removed" : "same" }));
}

type Compared = { readonly version: string; readonly revision: number; readonly sections: Sections };

/** The card to compare with: the one asked for, else the published one of the version it was made from, else the revision before. */
async function comparedWith(db: ReadModels, home: CardHome, revision: CardRevisionRecord | null, against: string | null) {
  const own = await db.cards.cardRevisions(home.version.id);
  const earlier = own.filter(({ number }) => number < (revision?.number ?? 0)).map((one): Compared => ({ version: home.version.name, revision: one.number, sections: one.sections }));
  const others: Compared[] = [];
  for (const other of (await db.models.listVersions(home.model.id)).slice(0, 20)) {
    if (other.id === home.version.id) continue;
    const published = (await db.cards.cardRevisions(other.id)).find(({ state }) => state === "published");
    if (published !== undefined) others.push({ version: other.name, revision: published.number, sections: published.sections });
  }
  const all = [...earlier, ...others];
  const parentName = home.version.parentId === null ? null : (await db.models.getVersionById(home.version.parentId)).name;
  const chosen = against === null ? (others.find(({ version }) => version === parentName) ?? earlier[0]) : all.find(({ version, revision: number }) => `${version}/${String(number)}` === against);
  if (against !== null && chosen === undefined) throw notFound();
  return { all, chosen: chosen ?? null };
}

function sectionsView(sections: Sections, riskTier: string, compared: Compared | null): CardView["sections"] {
  return SECTION_NAMES.map((name) => {
    const { title, asks, need } = CARD_SECTIONS[name];
    const written = sections[name];
    return {
      name,
      title,
      asks,
      isRequired: need === "always" || (need === "high_risk" && riskTier === "high"),
      written: written === undefined || written.text === "" ? null : { text: written.text, by: written.by, at: written.at, origin: written.origin },
      diff: compared === null ? null : diffOf(compared.sections[name]?.text ?? "", written?.text ?? ""),
    };
  });
}

const plainFacts = (groups: readonly CardFactGroup[]): CardView["groups"] => groups.map(({ name, isLive, facts }) => ({ name, isLive, facts: facts.map((one) => ({ ...one })) }));

function signaturesView(revision: CardRevisionRecord | null, digest: string): CardView["signatures"] {
  return (revision?.signatures ?? []).map((one) => ({
    id: one.id,
    signedName: one.signedName,
    meaning: one.meaning,
    reason: one.reason,
    digest: one.digest,
    method: one.method,
    signedAt: one.signedAt.toISOString(),
    voidReason: one.voidReason ?? (one.digest === digest ? null : "A fact on the card changed after signing."),
  }));
}

const revisionView = (revision: CardRevisionRecord | null): CardView["revision"] =>
  revision === null
    ? null
    : {
        number: revision.number,
        state: revision.state,
        createdAt: revision.createdAt.toISOString(),
        createdBy: revision.createdBy,
        publishedAt: revision.publishedAt?.toISOString() ?? null,
        publishedBy: revision.publishedBy,
        rowVersion: revision.rowVersion,
      };

type Judged = { readonly revision: CardRevisionRecord | null; readonly sections: Sections; readonly groups: readonly CardFactGroup[]; readonly digest: string; readonly personId: string | null };

/** What the card lacks, and whether this person's signature would count. */
async function judgeCard(db: ReadModels, home: CardHome, { revision, sections, groups, digest, personId }: Judged) {
  const author = await db.people.getPerson(home.version.authorId);
  const { riskTier } = home.model;
  const contradictions = contradictionsIn(sections, revision?.claims ?? [], groups);
  const completeness = completenessOf(sections, riskTier);
  const signed = (revision?.signatures ?? []).map((one) => ({ personId: one.personId, digest: one.digest, isVoid: one.voidedAt !== null }));
  const standing = standingSignatures(signed, digest, sections, author.personId);
  const needed = signaturesNeeded(riskTier);
  const own = standingSignatures([{ personId: personId ?? "", digest, isVoid: false }], digest, sections, author.personId);
  return {
    contradictions,
    completeness,
    needed,
    refusals: publishingRefusals({ completeness, contradictions, standing: standing.length, needed }),
    mayBeSigner: personId !== null && own.length === 1 && !standing.some((one) => one.personId === personId),
  };
}

/** The card of a version: newest revision or the one asked for. */
export const readCard = query({
  name: "read-card",
  permission: "card:read",
  of: "one",
  input: z.strictObject({ model: slug, version: versionName, revision: z.number().int().positive().nullable().default(null), against: z.string().nullable().default(null) }),
  async run({ db, actor, input, now }): Promise<CardView> {
    const home = await cardHome(db, input);
    const revisions = await db.cards.cardRevisions(home.version.id);
    const revision = input.revision === null ? (revisions[0] ?? null) : (revisions.find(({ number }) => number === input.revision) ?? null);
    if (input.revision !== null && revision === null) throw notFound();
    const groups = await groupsFor(db, home, revision, now);
    const sections = revision?.sections ?? {};
    const isDraft = revision === null || revision.state === "draft";
    const digest = isDraft ? cardDigest(home.version.digest, sections, groups) : (revision.digest ?? "");
    const judged = await judgeCard(db, home, { revision, sections, groups, digest, personId: actor.personId });
    const { riskTier } = home.model;
    const { all, chosen } = await comparedWith(db, home, revision, input.against);
    return {
      asOf: now.toISOString(),
      model: home.model.name,
      version: home.version.name,
      versionDigest: home.version.digest,
      riskTier,
      intendedUse: home.model.intendedUse,
      revision: revisionView(revision),
      revisions: revisions.map(({ number, state, publishedAt }) => ({ number, state, publishedAt: publishedAt?.toISOString() ?? null })),
      digest,
      sections: sectionsView(sections, riskTier, chosen),
      groups: plainFacts(groups),
      completeness: { ...judged.completeness, missing: [...judged.completeness.missing] },
      contradictions: [...judged.contradictions],
      signatures: signaturesView(revision, digest),
      signaturesNeeded: judged.needed,
      publishingRefusals: isDraft ? judged.refusals : [],
      comparedWith: chosen === null ? null : { version: chosen.version, revision: chosen.revision },
      comparable: all.map(({ version, revision: number }) => ({ version, revision: number })),
      may: {
        edit: allowsSomewhere(actor, "card:edit"),
        sign: isDraft && revision !== null && allowsSomewhere(actor, "card:sign") && judged.mayBeSigner,
        publish: isDraft && revision !== null && allowsSomewhere(actor, "card:publish"),
      },
    };
  },
});

export type CardWithLocks = { readonly card: CardDocument; readonly locks: readonly DependencyLock[] };

/** A revision as a document, with what the version's files of dependencies say: the published one unless another is asked for, else the draft. */
export const readCardDocument = query({
  name: "read-card-document",
  permission: "card:read",
  of: "one",
  input: z.strictObject({ model: slug, version: versionName, revision: z.number().int().positive().nullable() }),
  async run({ db, input, now }): Promise<CardWithLocks> {
    const home = await cardHome(db, input);
    const revisions = await db.cards.cardRevisions(home.version.id);
    const chosen = input.revision === null ? (revisions.find(({ state }) => state === "published") ?? revisions[0] ?? null) : revisions.find(({ number }) => number === input.revision);
    if (chosen === undefined) throw notFound();
    return { card: documentOf(home, chosen, await groupsFor(db, home, chosen, now), now), locks: await db.dependencies.locksOf(home.version.id) };
  },
});
