import { z } from "zod";
import { isSectionName, SECTION_NAMES, type SectionName } from "#lib/domain/card/sections.ts";
import type { DependencyLock } from "#lib/domain/dependencies/lock.ts";
import { AppError } from "#lib/domain/errors.ts";
import { contentDigest } from "../../content-digest.ts";
import { bomPackages } from "./bom-packages.ts";
import { factValue, factsIn, metricsOf, sectionText, type CardDocument, type ReadCard } from "../card-document.ts";

/** CycloneDX 1.6 ML-BOM: one machine-learning-model component with its card. What the card object has no member for stands in properties. */

const PROPERTY = "slipway:card:";
/** Sections that have a member of their own in `considerations`. */
const MEMBERS = { users: "users", intendedUse: "useCases", limitations: "technicalLimitations" } as const;
const OWN_MEMBER: readonly SectionName[] = ["users", "intendedUse", "limitations", "risks", "fairness", "licence", "howItWorks"];

/** A serial number that equal content has equal: the first 128 bits of its digest in the form of a UUID of version 8. */
function serialOf(content: Record<string, unknown>): string {
  const hex = contentDigest(JSON.parse(JSON.stringify(content)) as never).slice("sha256:".length);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function modelCard(card: CardDocument): Record<string, unknown> {
  const text = (name: SectionName): string => sectionText(card.sections, name);
  const considerations = {
    ...Object.fromEntries(Object.entries(MEMBERS).flatMap(([name, member]) => (isSectionName(name) && text(name) !== "" ? [[member, [text(name)]]] : []))),
    ...(text("risks") === "" ? {} : { ethicalConsiderations: [{ name: text("risks") }] }),
    ...(text("fairness") === "" ? {} : { fairnessAssessments: [{ groupAtRisk: "As described", harms: text("fairness") }] }),
  };
  const trained = factsIn(card, "data").find(({ key }) => key === "training");
  return {
    modelParameters: {
      task: "classification",
      modelArchitecture: factValue(card, "identity", "format") ?? "onnx",
      ...(trained === undefined ? {} : { datasets: [{ type: "dataset", name: trained.value }] }),
      inputs: factsIn(card, "interface").filter(({ key }) => key.startsWith("input:")).map(({ label, value }) => ({ format: `${label}: ${value}` })),
      outputs: factsIn(card, "interface").filter(({ key }) => key.startsWith("output:")).map(({ label, value }) => ({ format: `${label}: ${value}` })),
    },
    quantitativeAnalysis: {
      performanceMetrics: metricsOf(card).map(({ metric, slice, number, low, high }) => ({
        type: metric,
        value: String(number),
        ...(slice === null ? {} : { slice }),
        ...(low === null || high === null ? {} : { confidenceInterval: { lowerBound: String(low), upperBound: String(high) } }),
      })),
    },
    considerations,
    properties: SECTION_NAMES.filter((name) => !OWN_MEMBER.includes(name) && text(name) !== "").map((name) => ({ name: `${PROPERTY}${name}`, value: text(name) })),
  };
}

/** The bill of materials of a version: the model with its card, and the packages that its files of dependencies name. */
export function cardToCycloneDx(card: CardDocument, locks: readonly DependencyLock[] = []): Record<string, unknown> {
  const text = (name: SectionName): string => sectionText(card.sections, name);
  const owner = factValue(card, "ownership", "owner");
  const component = {
    type: "machine-learning-model",
    "bom-ref": `${card.model}@${card.version}`,
    name: card.model,
    version: card.version,
    ...(text("howItWorks") === "" ? {} : { description: text("howItWorks") }),
    ...(owner === null ? {} : { authors: [{ name: owner }] }),
    ...(text("licence") === "" ? {} : { licenses: [{ license: { name: text("licence").slice(0, 400) } }] }),
    hashes: [{ alg: "SHA-256", content: card.digest.replace("sha256:", "") }],
    modelCard: modelCard(card),
  };
  const packages = bomPackages(component["bom-ref"], locks);
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialOf({ ...component, packages }),
    version: card.revision,
    metadata: {
      timestamp: card.publishedAt ?? card.madeAt,
      tools: { components: [{ type: "application", name: card.generator.split(" ")[0] ?? "slipway", version: card.generator.split(" ")[1] ?? "0" }] },
      properties: [
        { name: "slipway:card:state", value: card.state },
        { name: "slipway:riskTier", value: card.riskTier },
      ],
    },
    components: [component, ...packages.components],
    ...(packages.dependencies.length === 0 ? {} : { dependencies: packages.dependencies }),
  };
}

const texts = z.array(z.string()).max(200).default([]);
const bom = z.object({
  bomFormat: z.literal("CycloneDX"),
  components: z
    .array(
      z.looseObject({
        type: z.string(),
        description: z.string().optional(),
        licenses: z.array(z.looseObject({ license: z.looseObject({ id: z.string().optional(), name: z.string().optional() }).optional(), expression: z.string().optional() })).max(50).default([]),
        modelCard: z
          .looseObject({
            quantitativeAnalysis: z
              .looseObject({ performanceMetrics: z.array(z.looseObject({ type: z.string().optional(), value: z.string().optional(), slice: z.string().optional() })).max(2000).default([]) })
              .optional(),
            considerations: z
              .looseObject({
                users: texts,
                useCases: texts,
                technicalLimitations: texts,
                performanceTradeoffs: texts,
                ethicalConsiderations: z.array(z.looseObject({ name: z.string().optional(), mitigationStrategy: z.string().optional() })).max(200).default([]),
                fairnessAssessments: z.array(z.looseObject({ harms: z.string().optional(), benefits: z.string().optional(), mitigationStrategy: z.string().optional() })).max(200).default([]),
              })
              .optional(),
            properties: z.array(z.object({ name: z.string(), value: z.string().optional() })).max(500).default([]),
          })
          .optional(),
      }),
    )
    .max(5000)
    .default([]),
});

const joined = (all: readonly (string | undefined)[]): string => all.map((text) => text?.trim() ?? "").filter((text) => text !== "").join("\n\n");

type Component = z.output<typeof bom>["components"][number];

/** What the members of a component and of its considerations say, by section. */
function writtenIn({ description, licenses, modelCard }: Component): [SectionName, string][] {
  const said = modelCard?.considerations;
  return [
    ["howItWorks", joined([description])],
    ["licence", joined(licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression))],
    ["users", joined(said?.users ?? [])],
    ["intendedUse", joined(said?.useCases ?? [])],
    ["limitations", joined([...(said?.technicalLimitations ?? []), ...(said?.performanceTradeoffs ?? [])])],
    ["risks", joined((said?.ethicalConsiderations ?? []).flatMap((one) => [one.name, one.mitigationStrategy]))],
    ["fairness", joined((said?.fairnessAssessments ?? []).flatMap((one) => [one.harms, one.benefits, one.mitigationStrategy]))],
  ];
}

/** The written part and the figures of the first model component of a CycloneDX document. */
export function cycloneDxToCard(value: unknown): ReadCard {
  const parsed = bom.safeParse(value);
  if (!parsed.success) throw new AppError("invalid_input", "This is not a CycloneDX document with a model card.", { errors: [{ pointer: "/text", message: parsed.error.issues[0]?.message ?? "Not CycloneDX." }] });
  const models = parsed.data.components.filter(({ type }) => type === "machine-learning-model");
  const [component] = models;
  if (component === undefined) throw new AppError("invalid_input", "No component in it is a machine-learning model.", { errors: [{ pointer: "/text", message: "There is no machine-learning-model." }] });
  const { modelCard: card } = component;
  const sections = new Map<SectionName, string>(writtenIn(component).filter(([, text]) => text !== ""));
  const ignored: string[] = models.slice(1).map(() => "another model component");
  for (const { name, value: text } of card?.properties ?? []) {
    const section = name.startsWith(PROPERTY) ? name.slice(PROPERTY.length) : "";
    const written = text?.trim() ?? "";
    if (isSectionName(section) && written !== "") sections.set(section, written);
    else ignored.push(name);
  }
  const claims = (card?.quantitativeAnalysis?.performanceMetrics ?? []).flatMap(({ type, value: figure, slice }) =>
    type !== undefined && figure !== undefined && Number.isFinite(Number(figure)) ? [{ metric: type, value: Number(figure), slice: slice ?? null, source: "performanceMetrics" }] : [],
  );
  return { sections, claims, ignored };
}
