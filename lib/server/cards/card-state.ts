import type { CardFactGroup } from "#lib/domain/card/facts.ts";
import { signedFacts } from "#lib/domain/card/facts.ts";
import { SECTION_NAMES, type Sections } from "#lib/domain/card/sections.ts";
import { notFound } from "#lib/domain/errors.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ModelRecord, VersionRecord } from "../db/model-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";

/** What signatures on a card bind to: which version, what is written by whom, and the facts that do not move by themselves. */
export const cardDigest = (versionDigest: string, sections: Sections, groups: readonly CardFactGroup[]): string =>
  contentDigest({
    version: versionDigest,
    sections: Object.fromEntries(SECTION_NAMES.flatMap((name) => {
      const written = sections[name];
      return written === undefined ? [] : [[name, { text: written.text, by: written.personId }]];
    })),
    facts: asJson(signedFacts(groups)),
  });

export type CardHome = { readonly model: ModelRecord; readonly version: VersionRecord };

export async function cardHome(db: Pick<UnitOfWork | ReadModels, "models">, names: { readonly model: string; readonly version: string }): Promise<CardHome> {
  const model = await db.models.getModel(names.model);
  const version = await db.models.findVersion(model.id, names.version);
  if (version === null) throw notFound();
  return { model, version };
}

export const cardTargets = ({ model, version }: CardHome): AuditTarget[] => [
  { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
  { type: "model", id: model.id, name: model.name, digest: null },
];
