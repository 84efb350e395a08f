import type { JsonValue } from "../audit/canonical-json.ts";
import type { EvidenceState } from "./evidence/standing.ts";

type Piece = {
  readonly label: string;
  readonly state: EvidenceState;
  readonly note: string;
  readonly id: string | null;
  readonly details: Readonly<Record<string, JsonValue>>;
  readonly producedAt: string | null;
};

/** All that the export is written from. */
export type DocumentationSource = {
  readonly modelName: string;
  readonly versionName: string;
  readonly digest: string;
  readonly intendedUse: string;
  readonly riskTier: string;
  readonly jurisdictions: readonly string[];
  readonly owner: string;
  readonly author: string;
  readonly registeredAt: string;
  readonly parent: string | null;
  readonly provider: string | null;
  readonly format: string;
  readonly files: readonly { readonly name: string; readonly digest: string; readonly sizeBytes: number }[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly lineage: { readonly dataset: string | null; readonly run: string | null; readonly commit: string | null };
  readonly liveOn: readonly string[];
  readonly releases: readonly string[];
  readonly classification: string | null;
  readonly evidenceOf: (kind: string) => Piece;
  readonly catalogue: string;
  readonly generator: string;
};

type Section = { readonly code: string; readonly title: string; readonly lines: (source: DocumentationSource) => readonly string[]; readonly evidence: readonly string[] };

const orMissing = (value: string | null, what: string): string => value ?? `Missing: ${what}.`;
const list = (items: readonly string[], none: string): readonly string[] => (items.length === 0 ? [none] : items.map((item) => `- ${item}`));

/** Annex IV section by section, with the records and kinds of evidence that fill each. */
export const ANNEX_IV: readonly Section[] = [
  { code: "1(a)", title: "Purpose, provider, version and lineage", evidence: ["business_case_recorded", "artifact_digest_recorded"], lines: (s) => [
    `- Intended use: ${s.intendedUse}`, `- System: ${s.modelName} ${s.versionName}, ${s.digest}`, `- Provider: ${orMissing(s.provider, "the provider was not recorded in the delivery context")}`,
    `- Owner: ${s.owner}. Registered by ${s.author} on ${s.registeredAt}`, `- Made from: ${s.parent ?? "no earlier version"}`, `- Classification: ${orMissing(s.classification, "the system was not classified")}`] },
  { code: "1(b)", title: "Interaction with other hardware, software and AI systems", evidence: ["third_party_component_monitoring"], lines: () => [] },
  { code: "1(c)", title: "Software versions", evidence: ["dependency_lock_present", "serving_runtime_pinned"], lines: () => [] },
  { code: "1(d)", title: "Forms in which it is placed on the market", evidence: [], lines: (s) => [`- ${s.format}, served on: ${s.liveOn.join(", ") || "nothing yet"}`, ...s.files.map(({ name, digest, sizeBytes }) => `- ${name}, ${sizeBytes} bytes, ${digest}`)] },
  { code: "1(e)", title: "Hardware", evidence: ["load_test_profile"], lines: () => [] },
  { code: "1(f) to (h)", title: "Product, user interface, instructions for use", evidence: ["instructions_for_use_published", "model_card_published"], lines: () => [] },
  { code: "2(a)", title: "Methods and steps of development", evidence: ["data_lineage_recorded"], lines: (s) => [`- Training run: ${orMissing(s.lineage.run, "no run was named")}`, `- Commit: ${orMissing(s.lineage.commit, "no commit was named")}`] },
  { code: "2(b)", title: "Design, assumptions, trade-offs", evidence: ["conceptual_soundness_review", "benchmark_comparison_report"], lines: () => [] },
  { code: "2(c)", title: "Architecture and computing resources", evidence: ["environmental_impact_record"], lines: (s) => [`- Outputs: ${s.outputs.join(", ")}`] },
  { code: "2(d)", title: "Data requirements and provenance", evidence: ["training_data_documented", "validation_dataset_profiled"], lines: (s) => [`- Training data: ${orMissing(s.lineage.dataset, "no dataset was named")}`] },
  { code: "2(e)", title: "Human oversight", evidence: ["human_oversight_measures", "explanation_available"], lines: () => [] },
  { code: "2(f)", title: "Predetermined changes", evidence: ["pccp_document_registered"], lines: () => [] },
  { code: "2(g)", title: "Validation and testing", evidence: ["validation_report_passed", "subgroup_performance_report", "robustness_test_report", "esignature_record"], lines: () => [] },
  { code: "2(h)", title: "Cybersecurity", evidence: ["artifact_format_safe", "artifact_signature_verified", "access_control", "security_test_report"], lines: () => [] },
  { code: "3", title: "Monitoring, functioning and control; input specifications", evidence: ["input_schema_defined", "infra_dashboard_live", "drift_monitor_active", "fairness_assessment"], lines: (s) => s.inputs.map((line) => `- \`${line}\``) },
  { code: "4", title: "Suitability of the performance metrics", evidence: ["fairness_assessment"], lines: () => [] },
  { code: "5", title: "Risk management", evidence: ["risk_register_current", "risk_acceptance_signed"], lines: (s) => [`- Risk tier: ${s.riskTier}`] },
  { code: "6", title: "Changes through the lifecycle", evidence: ["change_record"], lines: (s) => list(s.releases, "No release yet.") },
  { code: "7", title: "Standards applied", evidence: ["declaration_of_conformity"], lines: () => [] },
  { code: "8", title: "EU declaration of conformity", evidence: ["declaration_of_conformity"], lines: () => [] },
  { code: "9", title: "Post-market monitoring plan", evidence: ["post_market_monitoring_plan"], lines: () => [] },
];

/** Markdown that cannot be broken out of: no line of a record starts a heading, a list or a tag of its own. */
const plain = (text: string): string => text.replaceAll(/[\r\n]+/g, " ").replaceAll("<", "&lt;").replaceAll("|", "\\|");

function evidenceLines(piece: Piece): string[] {
  const made = piece.producedAt === null ? "" : `, ${piece.producedAt}, evidence ${piece.id ?? ""}`;
  const fields = Object.entries(piece.details).filter(([, value]) => typeof value === "string" || typeof value === "number" || typeof value === "boolean");
  return [`- **${piece.label}**: ${piece.state}${made}. ${plain(piece.note)}`, ...(piece.state === "met" ? fields.map(([name, value]) => `  - ${name}: ${plain(String(value))}`) : [])];
}

/** The technical documentation of Annex IV. The same facts give the same text; what is missing is said to be missing, section by section. */
export function technicalDocumentation(source: DocumentationSource): string {
  const sections = ANNEX_IV.flatMap(({ code, title, lines, evidence }) => {
    const body = [...lines(source).map((line) => (line.startsWith("- `") ? line : plain(line))), ...evidence.flatMap((kind) => evidenceLines(source.evidenceOf(kind)))];
    return [`## ${code} ${title}`, "", ...body, ""];
  });
  return [
    `# Technical documentation: ${source.modelName} ${source.versionName}`,
    "",
    `By the sections of Annex IV of Regulation (EU) 2024/1689. Made by ${source.generator} from records and evidence, catalogue ${source.catalogue}. It does not state that the system conforms.`,
    "",
    ...sections,
  ].join("\n");
}
