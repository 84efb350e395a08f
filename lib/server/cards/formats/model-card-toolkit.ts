import { z } from "zod";
import { sectionOfHeading, type SectionName } from "#lib/domain/card/sections.ts";
import { AppError } from "#lib/domain/errors.ts";
import { factValue, factsIn, metricsOf, sectionText, type CardDocument, type ReadCard } from "../card-document.ts";

/** JSON of the Model Card Toolkit, schema 0.0.2. What it has no member for stands under `model_details.documentation`. */

const DOCUMENTED = ["outOfScope", "evaluationChoice", "fairness", "explanation", "oversight", "privacy", "lifetime", "energy"] as const satisfies readonly SectionName[];
const HEADINGS: Readonly<Record<(typeof DOCUMENTED)[number], string>> = {
  outOfScope: "Out of scope",
  evaluationChoice: "Why these measures",
  fairness: "Fairness",
  explanation: "Explanation",
  oversight: "Human oversight",
  privacy: "Privacy",
  lifetime: "Lifetime and maintenance",
  energy: "Energy",
};

/** Rows that come from records: written out, never read in. */
const RECORD = "Record: ";

const list = (text: string, member: string): Record<string, string>[] => (text === "" ? [] : [{ [member]: text }]);

export function cardToToolkit(card: CardDocument): Record<string, unknown> {
  const text = (name: SectionName): string => sectionText(card.sections, name);
  const owner = factValue(card, "ownership", "owner");
  const documentation = DOCUMENTED.flatMap((name) => (text(name) === "" ? [] : [`## ${HEADINGS[name]}\n\n${text(name)}`])).join("\n\n");
  return {
    schema_version: "0.0.2",
    model_details: {
      name: card.model,
      overview: text("howItWorks"),
      documentation,
      owners: owner === null ? [] : [{ name: owner, contact: factValue(card, "ownership", "contact") ?? "" }],
      version: { name: card.version, date: (card.publishedAt ?? card.madeAt).slice(0, 10), diff: factValue(card, "identity", "notes") ?? "" },
      licenses: list(text("licence"), "custom_text"),
      references: [{ reference: card.digest }],
      citations: [],
    },
    model_parameters: {
      model_architecture: factValue(card, "identity", "format") ?? "",
      data: [
        { name: "Training data", description: text("trainingData") },
        ...factsIn(card, "data").map(({ label, value }) => ({ name: `${RECORD}${label}`, description: value })),
      ],
      input_format_map: factsIn(card, "interface").filter(({ key }) => key.startsWith("input:")).map(({ label, value }) => ({ key: label, value })),
      output_format_map: factsIn(card, "interface").filter(({ key }) => key.startsWith("output:")).map(({ label, value }) => ({ key: label, value })),
    },
    quantitative_analysis: {
      performance_metrics: metricsOf(card).map(({ metric, slice, number, low, high }) => ({
        type: metric,
        value: String(number),
        ...(slice === null ? {} : { slice }),
        ...(low === null || high === null ? {} : { confidence_interval: { lower_bound: String(low), upper_bound: String(high) } }),
      })),
    },
    considerations: {
      users: list(text("users"), "description"),
      use_cases: list(text("intendedUse"), "description"),
      limitations: list(text("limitations"), "description"),
      tradeoffs: [],
      ethical_considerations: text("risks") === "" ? [] : [{ name: text("risks"), mitigation_strategy: "" }],
    },
  };
}

const described = z.array(z.object({ description: z.string().optional() })).max(200).default([]);
const toolkit = z.object({
  model_details: z
    .object({
      overview: z.string().optional(),
      documentation: z.string().optional(),
      licenses: z.array(z.object({ identifier: z.string().optional(), custom_text: z.string().optional() })).max(50).default([]),
    })
    .default({ licenses: [] }),
  model_parameters: z.object({ data: z.array(z.object({ name: z.string().optional(), description: z.string().optional() })).max(200).default([]) }).default({ data: [] }),
  quantitative_analysis: z
    .object({
      performance_metrics: z
        .array(z.object({ type: z.string().max(200), value: z.union([z.string(), z.number()]), slice: z.string().max(200).nullish() }))
        .max(2000)
        .default([]),
    })
    .default({ performance_metrics: [] }),
  considerations: z
    .object({
      users: described,
      use_cases: described,
      limitations: described,
      tradeoffs: described,
      ethical_considerations: z.array(z.object({ name: z.string().optional(), mitigation_strategy: z.string().optional() })).max(200).default([]),
    })
    .default({ users: [], use_cases: [], limitations: [], tradeoffs: [], ethical_considerations: [] }),
});

const joined = (texts: readonly (string | undefined)[]): string => texts.map((text) => text?.trim() ?? "").filter((text) => text !== "").join("\n\n");

/** The written part and the figures of a Model Card Toolkit JSON. */
export function toolkitToCard(value: unknown): ReadCard {
  const parsed = toolkit.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError("invalid_input", "This is not a Model Card Toolkit document.", { errors: [{ pointer: "/text", message: `${issue?.path.join("/") ?? ""}: ${issue?.message ?? ""}` }] });
  }
  const { model_details: details, model_parameters: parameters, quantitative_analysis: analysis, considerations } = parsed.data;
  const sections = new Map<SectionName, string>();
  const put = (name: SectionName, text: string): void => {
    if (text !== "") sections.set(name, text);
  };
  put("howItWorks", joined([details.overview]));
  put("licence", joined(details.licenses.map((licence) => licence.identifier ?? licence.custom_text)));
  put("trainingData", joined(parameters.data.filter(({ name }) => name === undefined || (!name.startsWith(RECORD) && /train/i.test(name))).map(({ description }) => description)));
  put("users", joined(considerations.users.map(({ description }) => description)));
  put("intendedUse", joined(considerations.use_cases.map(({ description }) => description)));
  put("limitations", joined([...considerations.limitations, ...considerations.tradeoffs].map(({ description }) => description)));
  put("risks", joined(considerations.ethical_considerations.flatMap((one) => [one.name, one.mitigation_strategy])));
  const ignored: string[] = [];
  for (const part of (details.documentation ?? "").split(/^(?=## )/m)) {
    const title = /^## (.+)$/m.exec(part)?.[1] ?? "";
    const name = title === "" ? null : sectionOfHeading(title);
    const text = part.replace(/^## .+\n?/, "").trim();
    if (name !== null) put(name, text);
    else if (text !== "") ignored.push(title === "" ? "documentation" : title);
  }
  const claims = analysis.performance_metrics.flatMap(({ type, value: figure, slice }) => {
    const number = Number(figure);
    return Number.isFinite(number) ? [{ metric: type, value: number, slice: slice ?? null, source: "performance_metrics" }] : [];
  });
  return { sections, claims, ignored };
}
