import { z } from "zod";
import type { CatalogueView, ClassificationFormView, ControlView, FrameworkView } from "#lib/contracts/views/assurance-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { notFound } from "#lib/domain/errors.ts";
import { ACT_DATES, ANNEX_III_USES, CATALOGUES, FRAMEWORK_INFO, MODEL_RISK_CROSSWALK, PENALTIES, type FrameworkInfo } from "#lib/domain/governance/catalogue/catalogues.ts";
import { diffCatalogues } from "#lib/domain/governance/catalogue/diff-catalogues.ts";
import { getKind } from "#lib/domain/governance/evidence/kinds.ts";
import { countControls } from "#lib/domain/governance/frameworks/derive-control.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { catalogueInForce } from "../load-grounds.ts";
import { controlText, piece } from "./control-lines.ts";
import { kindView } from "./kind-view.ts";
import { classificationView, deliveryView } from "./model-parts.ts";
import { assuranceOf, type ModelAssurance } from "./version-of-model.ts";

/** As many models as one matrix can show. */
const MODELS_IN_MATRIX = 25;

function frameworkBySlug(slug: string): FrameworkInfo {
  const info = FRAMEWORK_INFO.find((one) => one.slug === slug);
  if (info === undefined) throw notFound();
  return info;
}

async function modelsOf(db: ReadModels, actor: Actor, now: Date): Promise<ModelAssurance[]> {
  const allowed = environmentsAllowed(actor, "endpoint:read");
  const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
  const found: ModelAssurance[] = [];
  for (const model of (await db.models.listModels()).slice(0, MODELS_IN_MATRIX)) found.push(await assuranceOf(db, model, endpoints, now));
  return found;
}

const short = ({ id, title }: { readonly id: string; readonly title: string }) => ({ id, title });

/** One framework: every control with its state for each classified model. */
export const readFramework = query({
  name: "read-framework",
  permission: "control:read",
  of: "many",
  input: z.strictObject({ framework: z.string().max(40) }),
  async run({ db, actor, input, now }): Promise<FrameworkView> {
    const info = frameworkBySlug(input.framework);
    const catalogue = await catalogueInForce(db);
    const all = await modelsOf(db, actor, now);
    const classified = all.filter(({ version, grounds }) => version !== null && grounds.profile !== null);
    const own = (found: ModelAssurance) => found.controls.filter(({ control }) => control.framework === info.id);
    const controls = catalogue.controls.filter(({ framework }) => framework === info.id);
    const titleOf = (id: string): string => catalogue.controls.find((control) => control.id === id)?.title ?? id;
    return {
      asOf: now.toISOString(),
      catalogue: catalogue.version,
      slug: info.slug,
      name: info.name,
      body: info.body,
      standing: info.standing,
      models: classified.map((found) => ({ modelName: found.model.name, versionName: found.version?.name ?? "", counts: countControls(own(found)) })),
      unclassified: all.filter(({ grounds }) => grounds.profile === null).map(({ model }) => model.name),
      controls: controls.map((control) => ({
        ...controlText(control),
        phase: control.phase,
        states: classified.flatMap((found) => {
          const derived = own(found).find((one) => one.control.id === control.id);
          return derived === undefined ? [] : [{ modelName: found.model.name, state: derived.state, because: derived.note }];
        }),
      })),
      dates: info.id === "EU_AI_ACT" ? ACT_DATES : [],
      penalties: info.id === "EU_AI_ACT" ? PENALTIES : [],
      crosswalk:
        info.id === "SR_11_7" || info.id === "SR_26_2"
          ? MODEL_RISK_CROSSWALK.map(({ legacy, successors, note }) => ({ legacy, title: titleOf(legacy), successors: successors.map((id) => ({ id, title: titleOf(id) })), note }))
          : [],
    };
  },
});

/** One control: what it says, from when, how sure we are, and how it stands for each model with its evidence. */
export const readControl = query({
  name: "read-control",
  permission: "control:read",
  of: "many",
  input: z.strictObject({ framework: z.string().max(40), control: z.string().max(80) }),
  async run({ db, actor, input, now }): Promise<ControlView> {
    const info = frameworkBySlug(input.framework);
    const catalogue = await catalogueInForce(db);
    const control = catalogue.controls.find(({ id }) => id === `${info.slug}/${input.control}`);
    if (control === undefined) throw notFound();
    const models = (await modelsOf(db, actor, now)).flatMap((found) => {
      const derived = found.controls.find((one) => one.control.id === control.id);
      if (derived === undefined || found.version === null) return [];
      return [{ modelName: found.model.name, versionName: found.version.name, state: derived.state, because: derived.note, evidence: derived.standings.map(piece) }];
    });
    return {
      asOf: now.toISOString(),
      catalogue: catalogue.version,
      frameworkSlug: info.slug,
      frameworkName: info.name,
      control: {
        ...controlText(control),
        phase: control.phase,
        condition: control.appliesTo.condition,
        roles: control.appliesTo.roles,
        appliesFrom: control.appliesFrom,
        items: control.checklist,
        automation: control.automation,
      },
      kinds: control.evidence.map((id) => kindView(getKind(id))),
      models,
      mayDecide: allowsSomewhere(actor, "control:decide"),
    };
  },
});

/** The classifier's form with what was answered before. */
export const readClassification = query({
  name: "read-classification",
  permission: "control:read",
  of: "one",
  input: z.strictObject({ model: z.string().max(128) }),
  async run({ db, actor, input, now, authorise }): Promise<ClassificationFormView> {
    const model = await db.models.getModel(input.model);
    authorise({ environmentId: null, targets: [{ type: "model", id: model.id, name: model.name, digest: null }] });
    const history = await db.governance.classificationsOf(model.id);
    const delivery = await db.governance.deliveryInForce(model.id);
    const [current] = history;
    return {
      asOf: now.toISOString(),
      modelName: model.name,
      intendedUse: model.intendedUse,
      sector: model.sector,
      jurisdictions: model.jurisdictions,
      current: current === undefined ? null : classificationView(model, current),
      answers: current?.answers ?? null,
      history: history.slice(0, 20).map((record) => classificationView(model, record)),
      delivery: delivery === null ? null : deliveryView(delivery),
      uses: ANNEX_III_USES,
      mayClassify: allowsSomewhere(actor, "model:classify"),
    };
  },
});

/** Shipped catalogues, the one in force, and what would be different under each of the others. */
export const readCatalogues = query({
  name: "read-catalogues",
  permission: "control:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<CatalogueView> {
    const inForce = await catalogueInForce(db);
    const choices = await db.governance.catalogueChoices(20);
    return {
      asOf: now.toISOString(),
      inForce: inForce.version,
      choices: choices.map(({ version, chosenByName, chosenAt, reason }) => ({ version, chosenByName, chosenAt: chosenAt.toISOString(), reason })),
      catalogues: CATALOGUES.map((catalogue) => {
        const diff = catalogue.version === inForce.version ? null : diffCatalogues(inForce, catalogue);
        return {
          version: catalogue.version,
          asOf: catalogue.asOf,
          summary: catalogue.summary,
          controls: catalogue.controls.length,
          diff:
            diff === null
              ? null
              : { added: diff.added.map(short), removed: diff.removed.map(short), changed: diff.changed.map(({ id, title, fields }) => ({ id, title, fields })), newEvidence: diff.newEvidence.map((id) => getKind(id).label) },
        };
      }).reverse(),
      mayChoose: allowsSomewhere(actor, "catalogue:choose"),
    };
  },
});

async function oneModel(db: ReadModels, actor: Actor, name: string, version: string | undefined, now: Date): Promise<ModelAssurance> {
  const model = await db.models.getModel(name);
  const allowed = environmentsAllowed(actor, "endpoint:read");
  const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
  const found = await assuranceOf(db, model, endpoints, now, version);
  if (version !== undefined && found.version?.name !== version) throw notFound();
  return found;
}

const about = z.strictObject({ framework: z.string().max(40).optional(), model: z.string().max(63).optional(), version: z.string().max(63).optional() });

/** Frameworks for programs, with counts for a model where one is named. */
export const listFrameworks = query({
  name: "list-frameworks",
  permission: "control:read",
  of: "many",
  input: about,
  async run({ db, actor, input, now }) {
    const found = input.model === undefined ? null : await oneModel(db, actor, input.model, input.version, now);
    const catalogue = found?.grounds.catalogue ?? (await catalogueInForce(db));
    return {
      catalogue: catalogue.version,
      data: FRAMEWORK_INFO.map(({ id, slug, name, body, standing }) => ({
        id,
        slug,
        name,
        body,
        standing,
        controls: catalogue.controls.filter(({ framework }) => framework === id).length,
        counts: found === null || found.grounds.profile === null ? null : countControls(found.controls.filter(({ control }) => control.framework === id)),
      })),
    };
  },
});

/** The controls of one framework for programs, with the state of each for a model where one is named. */
export const getFramework = query({
  name: "get-framework",
  permission: "control:read",
  of: "many",
  input: about,
  async run({ db, actor, input, now }) {
    const info = frameworkBySlug(input.framework ?? "");
    const found = input.model === undefined ? null : await oneModel(db, actor, input.model, input.version, now);
    const catalogue = found?.grounds.catalogue ?? (await catalogueInForce(db));
    return {
      id: info.id,
      name: info.name,
      catalogue: catalogue.version,
      controls: catalogue.controls
        .filter(({ framework }) => framework === info.id)
        .map((control) => {
          const derived = found?.controls.find((one) => one.control.id === control.id);
          const { id, citation, title, obligation, force, confidence, note } = controlText(control);
          return { id, citation, title, obligation, force, confidence, note, evidence: [...control.evidence], state: derived?.state ?? null, because: derived?.note ?? null };
        }),
    };
  },
});
