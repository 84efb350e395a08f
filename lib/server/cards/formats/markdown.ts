import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Claim } from "#lib/domain/card/contradictions.ts";
import { FACT_GROUPS } from "#lib/domain/card/facts.ts";
import { CARD_SECTIONS, SECTION_NAMES, sectionOfHeading, type SectionName } from "#lib/domain/card/sections.ts";
import { AppError } from "#lib/domain/errors.ts";
import { factsIn, metricsOf, sectionText, type CardDocument, type ReadCard } from "../card-document.ts";

/** Headings that this exporter writes for facts; an import leaves them out, because facts come from the records. */
const FACTS_HEADING = "Facts from the records";
const SIGNATURES_HEADING = "Signatures";

function frontMatter(card: CardDocument): Record<string, unknown> {
  const licence = sectionText(card.sections, "licence").split("\n")[0] ?? "";
  const evaluated = factsIn(card, "data").find(({ key }) => key === "evaluation")?.value ?? "evaluation data";
  const metrics = metricsOf(card).filter(({ slice }) => slice === null);
  const training = factsIn(card, "data").find(({ key }) => key === "training")?.value;
  return {
    ...(/^[A-Za-z0-9.+-]{2,60}$/.test(licence) ? { license: licence.toLowerCase() } : licence === "" ? {} : { license: "other", license_name: licence.slice(0, 80) }),
    library_name: "onnx",
    tags: [`risk-${card.riskTier}`],
    ...(training === undefined ? {} : { datasets: [training] }),
    ...(metrics.length === 0 ? {} : { metrics: metrics.map(({ metric }) => metric) }),
    "model-index": [
      {
        name: `${card.model} ${card.version}`,
        results: metrics.length === 0
          ? []
          : [
              {
                task: { type: "tabular-classification" },
                dataset: { name: evaluated, type: "held-out" },
                metrics: metrics.map(({ metric, number, low, high }) => ({ type: metric, value: number, ...(low === null || high === null ? {} : { args: { low, high } }) })),
              },
            ],
      },
    ],
    slipway: { digest: card.digest, revision: card.revision, state: card.state },
  };
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");

/** Markdown with the YAML front matter that model hubs read. */
export function cardToMarkdown(card: CardDocument): string {
  const written = SECTION_NAMES.flatMap((name) => {
    const text = sectionText(card.sections, name);
    return text === "" ? [] : [`## ${CARD_SECTIONS[name].title}`, "", text, ""];
  });
  const facts = card.groups.flatMap(({ name, facts: rows }) => [
    `### ${FACT_GROUPS[name]}`,
    "",
    "| | | from |",
    "|---|---|---|",
    ...rows.map(({ label, value, source, evidenceId }) => `| ${cell(label)} | ${cell(value)} | ${cell(source)}${evidenceId === null ? "" : `, ${evidenceId}`} |`),
    "",
  ]);
  const signatures = card.signatures.map(({ signedName, meaning, reason, signedAt, digest }) => `- ${signedName}, ${signedAt}: ${meaning.replaceAll("_", " ")}. ${cell(reason)} (${digest})`);
  return [
    "---",
    stringify(frontMatter(card), { lineWidth: 0 }).trimEnd(),
    "---",
    "",
    `# ${card.model} ${card.version}`,
    "",
    `Revision ${String(card.revision)}, ${card.state}${card.publishedAt === null ? "" : ` ${card.publishedAt}`}. Made ${card.madeAt} by ${card.generator}.`,
    "",
    ...written,
    `## ${FACTS_HEADING}`,
    "",
    ...facts,
    ...(signatures.length === 0 ? [] : [`## ${SIGNATURES_HEADING}`, "", ...signatures, ""]),
  ].join("\n");
}

const hubMatter = z.object({
  license: z.union([z.string(), z.array(z.string())]).optional(),
  license_name: z.string().optional(),
  "model-index": z
    .array(
      z.object({
        results: z
          .array(z.object({ metrics: z.array(z.object({ type: z.string().max(200), name: z.string().max(200).optional(), value: z.unknown() })).max(500).default([]) }))
          .max(200)
          .default([]),
      }),
    )
    .max(50)
    .optional(),
});

const numberOf = (value: unknown): number | null => {
  const number = typeof value === "number" ? value : typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : null;
  return number !== null && Number.isFinite(number) ? number : null;
};

function readMatter(text: string): { claims: Claim[]; licence: string | null } {
  let raw: unknown;
  try {
    // Aliases multiply a small text into a large value; a card needs none.
    raw = parse(text, { maxAliasCount: 0 });
  } catch {
    throw new AppError("invalid_input", "The front matter is not YAML.", { errors: [{ pointer: "/text", message: "Mend the part between the two lines of ---." }] });
  }
  const parsed = hubMatter.safeParse(raw ?? {});
  if (!parsed.success) throw new AppError("invalid_input", "The front matter does not have the shape of a model card's.", { errors: [{ pointer: "/text", message: parsed.error.issues[0]?.message ?? "Not a model card." }] });
  const { license, license_name: named } = parsed.data;
  const claims = (parsed.data["model-index"] ?? []).flatMap(({ results }) =>
    results.flatMap(({ metrics }) =>
      metrics.flatMap(({ type, value }) => {
        const number = numberOf(value);
        return number === null ? [] : [{ metric: type, value: number, slice: type.includes(":") ? type.slice(type.indexOf(":") + 1) : null, source: "model-index" }];
      }),
    ),
  );
  return { claims, licence: named ?? (Array.isArray(license) ? license.join(", ") : (license ?? null)) };
}

/** Paragraphs that begin with a bold name, as short cards have them, count as sections too. */
const asHeadings = (text: string): string => text.replaceAll(/^\*\*([^*\n]{2,60}?)[.:]?\*\*[.:]?\s*/gm, "\n## $1\n\n");

/** The written part and the claimed figures of a Markdown card, from a model hub or from here. */
export function markdownToCard(given: string): ReadCard {
  const text = given.replaceAll("\r\n", "\n").replace(/^\uFEFF/, "");
  const matter = /^---\n([\s\S]*?)\n---\n/.exec(text);
  const { claims, licence } = matter === null ? { claims: [], licence: null } : readMatter(matter[1] ?? "");
  const body = asHeadings(matter === null ? text : text.slice(matter[0].length));
  const sections = new Map<SectionName, string>();
  const ignored: string[] = [];
  const own = body.split(/^(?=## )/m).filter((part) => !part.startsWith(`## ${FACTS_HEADING}\n`) && !part.startsWith(`## ${SIGNATURES_HEADING}\n`));
  for (const part of own.flatMap((one) => one.split(/^(?=### )/m))) {
    const [heading = "", ...lines] = part.split("\n");
    const title = /^#{2,3} (.+)$/.exec(heading)?.[1]?.trim();
    if (title === undefined) continue;
    const name = sectionOfHeading(title);
    const content = lines.join("\n").trim();
    if (name === null) ignored.push(title);
    else if (content !== "") sections.set(name, sections.has(name) ? `${sections.get(name) ?? ""}\n\n${content}` : content);
  }
  if (licence !== null && !sections.has("licence")) sections.set("licence", licence);
  return { sections, claims, ignored };
}
