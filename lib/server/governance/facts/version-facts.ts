import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { openEntries, type DependencyLock } from "#lib/domain/dependencies/lock.ts";
import { declaredFormat } from "#lib/domain/artifact/declared-format.ts";
import type { ArtifactInspection, Finding, ModelSignature } from "#lib/domain/artifact/types.ts";
import type { ContractField } from "#lib/domain/contract/types.ts";
import type { EvaluationDocument, RegisterVersionFields } from "#lib/contracts/registry-api.ts";
import type { ReceivedArtifact } from "../../registry/register-version.ts";
import type { NewFact } from "../record-facts.ts";
import { versionSubject } from "../subjects.ts";

export const REGISTRY_PRODUCER = { producer: "Registry", producerVersion: "registry/2" } as const;

type Inspected = { readonly inspection: ArtifactInspection };

type Registered = {
  readonly id: string;
  readonly digest: string;
  readonly fields: RegisterVersionFields;
  readonly artifact: ReceivedArtifact;
  readonly contract: { readonly fields: readonly ContractField[] };
  readonly contractDigest: string;
  readonly signature: ModelSignature;
};

/** Operator sets that the bundled runtime brings along; another domain is a dependency that nobody locked. */
const LOCKED_DOMAINS: readonly string[] = ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"];

/** Whether the content is what the model file's name declares it to be; null when the name declares nothing. */
function asDeclared({ files, inspection }: ReceivedArtifact): { declared: string | null; equal: boolean | null } {
  const declared = declaredFormat(files.find(({ role }) => role === "model")?.name ?? "");
  return { declared, equal: declared === null ? null : declared === inspection.format };
}

function declaredWords({ declared, equal }: ReturnType<typeof asDeclared>): string {
  if (declared === null) return "The file's name does not say its format.";
  return equal === true ? "Its name says the same." : `Its name says ${declared}.`;
}

const isRuled = ({ type, range, domain }: ContractField): boolean => type === "bool" || range !== null || domain !== null;

function formatFacts(artifact: Inspected): { format: string; formatVersion: string; opsets: readonly { domain: string; version: number }[] | null } {
  const { inspection } = artifact;
  if (!("opsets" in inspection)) return { format: String((inspection as { format: string }).format), formatVersion: "as inspected", opsets: null };
  const sets = inspection.opsets.map(({ domain, version }) => `${domain === "" ? "ai.onnx" : domain} ${version}`).join(", ");
  return { format: inspection.format, formatVersion: `IR ${inspection.irVersion}, ${sets}`, opsets: inspection.opsets };
}

const blocking = (findings: readonly Finding[]): number => findings.filter(({ severity }) => severity === "block").length;

function outsideThresholds({ metrics, thresholds }: EvaluationDocument): number | null {
  if (thresholds === null) return null;
  return Object.entries(thresholds).filter(([name, { min, max }]) => {
    const value = metrics[name]?.value;
    return value === undefined || (min !== null && value < min) || (max !== null && value > max);
  }).length;
}

const isoDay = (text: string | null | undefined): JsonObject[string] => text ?? null;

function evaluationFacts(evaluation: EvaluationDocument, trainingSha256: string | null): Omit<NewFact, "subject">[] {
  const { dataset, datasetSha256, rows, thresholdsSetAt, ranAt, slices } = evaluation;
  const outside = outsideThresholds(evaluation);
  const facts: Omit<NewFact, "subject">[] = [
    {
      kind: "validation_report_passed",
      summary: `${rows} held-out rows of ${dataset}, stated by the engineer.`,
      details: {
        dataset,
        datasetDigest: datasetSha256 === null ? null : `sha256:${datasetSha256}`,
        trainingDatasetDigest: trainingSha256 === null ? null : `sha256:${trainingSha256}`,
        rows,
        metricsOutside: outside,
        thresholdsSetAt: isoDay(thresholdsSetAt),
        ranAt: isoDay(ranAt),
      },
    },
  ];
  if (slices !== null) {
    const values = slices.rows.map(({ value }) => value);
    const worstGap = values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);
    facts.push({
      kind: "subgroup_performance_report",
      summary: `${slices.metric} over ${slices.rows.length} slices; the worst is ${worstGap.toFixed(3)} from the best.`,
      details: { metric: slices.metric, slices: slices.rows.length, worstGap, gapLimit: slices.gapLimit, smallestSlice: Math.min(...slices.rows.map((row) => row.rows)) },
    });
  }
  return facts;
}

type NamedLock = Pick<DependencyLock, "packages" | "elsewhere" | "kind"> & { readonly fileName: string };

/**
 * What a version needs to answer: the packages of its files of dependencies and, for a graph, its operator sets; and how many of them nothing pins.
 * Null when neither says anything.
 */
export function lockedDependencies(artifact: Inspected, locks: readonly NamedLock[]): { readonly entries: number; readonly unpinned: number; readonly words: string } | null {
  const { formatVersion, opsets } = formatFacts(artifact);
  if (opsets === null && locks.length === 0) return null;
  const packages = locks.reduce((sum, lock) => sum + lock.packages.length, 0);
  const open = locks.reduce((sum, lock) => sum + openEntries(lock), 0);
  const words = [
    ...(locks.length === 0 ? [] : [`${packages} package${packages === 1 ? "" : "s"} in ${locks.map(({ fileName }) => fileName).join(", ")}, ${open === 0 ? "each with exact version and hash" : `${open} without exact version and hash`}.`]),
    ...(opsets === null ? [] : [`Needs the operator sets ${formatVersion.split(", ").slice(1).join(", ")}.`]),
  ];
  return {
    entries: packages + (opsets?.length ?? 0),
    unpinned: open + (opsets?.filter(({ domain }) => !LOCKED_DOMAINS.includes(domain)).length ?? 0),
    words: words.join(" "),
  };
}

/** What registering a version proves by itself, and what the engineer's documents say, as kinds of the catalogue. */
export function registeredFacts({ id, digest, fields, artifact, contract, contractDigest, signature }: Registered): NewFact[] {
  const subject = versionSubject({ id, digest });
  const { format, formatVersion } = formatFacts(artifact);
  const declaration = asDeclared(artifact);
  const unruled = contract.fields.filter((field) => !isRuled(field)).length;
  const covered = signature.inputs.every(({ name }) => contract.fields.some(({ input }) => input === name));
  const facts: Omit<NewFact, "subject">[] = [
    {
      kind: "artifact_digest_recorded",
      summary: `${format}, ${formatVersion}; digest computed here from ${artifact.files.length} file${artifact.files.length === 1 ? "" : "s"}. ${declaredWords(declaration)}`,
      details: { sha256: digest, format, formatVersion, declaredFormat: declaration.declared, formatAsDeclared: declaration.equal },
    },
    {
      kind: "artifact_format_safe",
      summary: `${artifact.findings.length} checks of the file's content; it was not run for them.`,
      details: { blockingFindings: blocking(artifact.findings), scannerVersion: REGISTRY_PRODUCER.producerVersion },
    },
    {
      kind: "input_schema_defined",
      summary: `Input contract of ${contract.fields.length} fields, sealed with the version.`,
      details: { fields: contract.fields.length, fieldsWithoutRule: unruled, matchesSignature: covered, contractDigest },
      inputsHash: contractDigest,
    },
  ];
  const locked = lockedDependencies(artifact, artifact.locks);
  if (locked !== null) {
    facts.push({
      kind: "dependency_lock_present",
      summary: `${locked.words} No runtime has loaded it yet.`,
      // How many of them a runtime reports otherwise is known once a runtime has loaded it: facts/sandbox-facts.ts.
      details: { entries: locked.entries, unpinned: locked.unpinned },
    });
  }
  const { lineage, evaluation } = fields;
  if (lineage !== null) {
    const origin = lineage.run ?? lineage.commit;
    facts.push({
      kind: "data_lineage_recorded",
      summary: `Trained on ${lineage.dataset ?? "data that was not named"}${origin === null ? "; neither run nor commit was named" : ` in ${origin}`}.`,
      details: { dataset: lineage.dataset, run: origin, missingEdges: [lineage.dataset, origin].filter((edge) => edge === null).length },
    });
  }
  if (evaluation !== null) facts.push(...evaluationFacts(evaluation, lineage?.datasetSha256 ?? null));
  return facts.map((fact) => ({ ...fact, subject }));
}
