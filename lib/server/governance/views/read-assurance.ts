import { z } from "zod";
import type { AssuranceView, ModelPosture, SectorRow } from "#lib/contracts/views/assurance-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { forceBand, FRAMEWORK_INFO } from "#lib/domain/governance/catalogue/catalogues.ts";
import type { Catalogue } from "#lib/domain/governance/catalogue/types.ts";
import { ACT_CLASS_WORDS } from "#lib/domain/governance/frameworks/profile.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { catalogueInForce } from "../load-grounds.ts";
import { leadTimes } from "./lead-time.ts";
import { frameworkCounts, gapLines } from "./control-lines.ts";
import { assuranceOf, type ModelAssurance } from "./version-of-model.ts";

const MODELS_SHOWN = 25;
const GAPS_SHOWN = 3;

const isOpen = ({ state }: { readonly state: string }): boolean => state === "failed" || state === "stale" || state === "missing";

function posture(found: ModelAssurance, leadTimeMs: number | null): ModelPosture {
  const { model, version, liveIn, grounds, controls } = found;
  const gaps = gapLines(controls);
  return {
    name: model.name,
    riskTier: model.riskTier,
    intendedUse: model.intendedUse,
    demo: model.demo,
    sector: model.sector,
    jurisdictions: model.jurisdictions,
    versionName: version?.name ?? null,
    liveIn,
    actClass: grounds.profile === null ? null : ACT_CLASS_WORDS[grounds.profile.classification.actClass],
    frameworks: frameworkCounts(controls).filter(({ counts }) => counts.applicable + counts.upcoming > 0),
    gaps: gaps.slice(0, GAPS_SHOWN),
    gapsInAll: gaps.length,
    lawOpen: controls.filter((one) => forceBand(one.control) === "law" && isOpen(one)).length,
    leadTimeMs,
  };
}

/** The table "sector, framework, body, duties after deployment", from the catalogue in force. */
function sectorTable({ controls }: Catalogue): SectorRow[] {
  return FRAMEWORK_INFO.flatMap(({ id, slug, name, body, sector, standing }) => {
    const duties = controls.filter(({ framework, phase }) => framework === id && (phase === "post-deployment" || phase === "release"));
    if (duties.length === 0) return [];
    return [{ sector, framework: name, slug, body, standing, duties: duties.slice(0, 4).map(({ citation, title }) => `${title} (${citation})`) }];
  });
}

/** Worst first: open duties of law, then not classified, then the number of gaps, then by name. */
const worstFirst = (a: ModelPosture, b: ModelPosture): number =>
  b.lawOpen - a.lawOpen || Number(a.actClass !== null) - Number(b.actClass !== null) || b.gapsInAll - a.gapsInAll || (a.name < b.name ? -1 : 1);

async function allModels(db: ReadModels, after: string | null) {
  const all = await db.models.listModels();
  const rest = after === null ? all : all.filter(({ name }) => name > after);
  return { page: rest.slice(0, MODELS_SHOWN), next: rest.length > MODELS_SHOWN ? (rest[MODELS_SHOWN - 1]?.name ?? null) : null, total: all.length };
}

/** How each model stands against the frameworks that bind it, gaps first. Models are read a page at a time, by name. */
export const readAssurance = query({
  name: "read-assurance",
  permission: "control:read",
  of: "many",
  input: z.strictObject({ after: z.string().max(63).nullable().default(null) }),
  async run({ db, actor, input, now }): Promise<AssuranceView> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
    const { page, next, total } = await allModels(db, input.after);
    const times = await leadTimes(db);
    const models: ModelPosture[] = [];
    for (const model of page) {
      const found = await assuranceOf(db, model, endpoints, now);
      models.push(posture(found, found.version === null ? null : (times.byVersion.get(found.version.id) ?? null)));
    }
    const catalogue = await catalogueInForce(db);
    return {
      asOf: now.toISOString(),
      catalogue: { version: catalogue.version, asOf: catalogue.asOf, controls: catalogue.controls.length },
      models: models.sort(worstFirst),
      next,
      total,
      sectors: sectorTable(catalogue),
      leadTimes: times.summary,
      mayClassify: allowsSomewhere(actor, "model:classify"),
    };
  },
});
