import {
  createModelBody,
  evaluationDocument,
  goldenCases,
  registerVersionFields,
} from "#lib/contracts/registry-api.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import type { FieldProblem } from "#lib/client/api-client.ts";
import type { z } from "zod";

/** What the register form asks for, before it is sent. */
export type RegisterFacts = {
  readonly existing: string | null;
  readonly name: string;
  readonly version: string;
  readonly intendedUse: string;
  readonly riskTier: string | null;
  readonly sector: string;
  readonly jurisdictions: readonly string[];
  readonly owner: string;
  readonly parent: string;
  readonly notes: string;
  readonly labelOutput: string;
  readonly card: string;
  readonly evaluation: string;
  readonly golden: string;
  /** Files of dependencies, as they are. */
  readonly locks: readonly { readonly fileName: string; readonly text: string }[];
  readonly lineage: Readonly<Record<"run" | "commit" | "dataset" | "datasetSha256", string>>;
};

export type RegisterCall = {
  /** Null: the model is there already. */
  readonly model: Record<string, unknown> | null;
  readonly version: Record<string, unknown>;
  /** What the API would refuse, by its own schemas, with its own pointers. */
  readonly problems: readonly FieldProblem[];
};

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

function problemsOf(schema: z.ZodType, value: unknown): FieldProblem[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({
    pointer: `/${path.map(String).join("/")}`,
    message: message === "Invalid input: expected string, received null" ? "Required." : message,
  }));
}

/** A JSON text as its value; a broken one is a problem of its own. */
function readJson(
  text: string,
  pointer: string,
  schema: z.ZodType,
  problems: FieldProblem[],
): unknown {
  if (text.trim() === "") return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    problems.push({ pointer, message: "This is not valid JSON." });
    return null;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  problems.push({
    pointer,
    message: `${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? "not as expected"}`,
  });
  return null;
}

function modelBody(facts: RegisterFacts): Record<string, unknown> {
  return {
    name: facts.name.trim(),
    intendedUse: facts.intendedUse.trim(),
    riskTier: facts.riskTier,
    ...(facts.sector === "" ? {} : { sector: facts.sector }),
    ...(facts.jurisdictions.length === 0 ? {} : { jurisdictions: [...facts.jurisdictions] }),
    ...(facts.owner.trim() === "" ? {} : { owner: facts.owner.trim() }),
  };
}

/** The calls that do what the form says: a model when it is new, then the version; with what is still wrong. */
export function registerCall(facts: RegisterFacts, contract: InputContract | null): RegisterCall {
  const problems: FieldProblem[] = [];
  const evaluation = readJson(facts.evaluation, "/evaluation", evaluationDocument, problems);
  const golden = readJson(facts.golden, "/golden", goldenCases, problems);
  const lineage = {
    run: orNull(facts.lineage.run),
    commit: orNull(facts.lineage.commit),
    dataset: orNull(facts.lineage.dataset),
    datasetSha256: orNull(facts.lineage.datasetSha256),
  };
  const hasLineage = Object.values(lineage).some((value) => value !== null);
  const optional = {
    notes: orNull(facts.notes),
    parent: orNull(facts.parent),
    labelOutput: orNull(facts.labelOutput),
    card: orNull(facts.card),
    evaluation,
    golden,
    lineage: hasLineage ? lineage : null,
    contract,
    locks: facts.locks.length === 0 ? null : facts.locks,
  };
  const version: Record<string, unknown> = {
    version: facts.version.trim(),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
  };
  const model = facts.existing === null ? modelBody(facts) : null;
  const { contract: _contract, ...checked } = version;
  return {
    model,
    version,
    problems: [
      ...(model === null ? [] : modelProblems(model)),
      ...problemsOf(registerVersionFields, checked),
      ...problems,
    ],
  };
}

function modelProblems(model: Record<string, unknown>): FieldProblem[] {
  return problemsOf(createModelBody, model).map(({ pointer, message }) => ({
    pointer,
    message: pointer === "/riskTier" ? "Choose how much harm a wrong answer can do." : message,
  }));
}

/** As it is shown: a contract that is just what the file and the sample give is not repeated. */
export function withoutContract(call: RegisterCall): RegisterCall {
  const { contract: _contract, ...version } = call.version;
  return { ...call, version };
}

/** `'it'\''s'`: a text that a shell hands on as it is. */
export const shellText = (text: string): string =>
  /^[A-Za-z0-9@%+=:,./_-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const FILE_FIELDS: Readonly<Record<string, string>> = {
  contract: "contract.json",
  evaluation: "evaluation.json",
  golden: "golden.json",
  card: "card.md",
  lineage: "lineage.json",
};

export type CallFiles = { readonly file: string; readonly sample: string | null };

const lockNames = (call: RegisterCall): string[] => ((call.version["locks"] ?? []) as RegisterFacts["locks"]).map(({ fileName }) => fileName);

/** The same as curl. Long documents go as files; their text is beside it. */
export function curlText(
  call: RegisterCall,
  modelName: string,
  files: CallFiles,
  origin: string,
): string {
  const auth = `  -H "Authorization: Bearer $SLIPWAY_TOKEN" \\`;
  const lines: string[] = [];
  if (call.model !== null) {
    lines.push(
      `curl -X POST ${origin}/api/v1/models \\`,
      auth,
      `  -H "Content-Type: application/json" \\`,
      `  -d ${shellText(JSON.stringify(call.model))}`,
      "",
    );
  }
  const parts = [
    `model=@${files.file}`,
    ...(files.sample === null ? [] : [`sample=@${files.sample}`]),
  ];
  parts.push(...lockNames(call).map((fileName) => `lock=@${fileName}`));
  for (const [name, value] of Object.entries(call.version)) {
    if (name === "locks") continue;
    const file = FILE_FIELDS[name];
    parts.push(file === undefined ? `${name}=${String(value)}` : `${name}=<${file}`);
  }
  lines.push(
    `curl -X POST ${origin}/api/v1/models/${modelName}/versions \\`,
    auth,
    `  -H "Idempotency-Key: $(uuidgen)" \\`,
    parts.map((part) => `  -F ${shellText(part)}`).join(" \\\n"),
  );
  return lines.join("\n");
}

/** The same by the command-line tool. It takes of the lineage the run and the commit. */
export function cliText(call: RegisterCall, modelName: string, files: CallFiles): string {
  const options: [string, string][] = [
    ["--model", modelName],
    ["--version", String(call.version["version"])],
  ];
  if (call.model !== null) {
    options.push(
      ["--create", ""],
      ["--intended-use", String(call.model["intendedUse"])],
      ["--risk-tier", String(call.model["riskTier"] ?? "")],
    );
  }
  if (files.sample !== null) options.push(["--sample", files.sample]);
  const { version: _version, lineage, locks: _locks, ...rest } = call.version;
  for (const [name, value] of Object.entries(rest)) {
    const option = `--${name.replace(/([A-Z])/g, (letter) => `-${letter.toLowerCase()}`)}`;
    options.push([option, FILE_FIELDS[name] ?? String(value)]);
  }
  for (const [name, value] of Object.entries(lineage ?? {})) {
    if ((name === "run" || name === "commit") && typeof value === "string")
      options.push([`--${name}`, value]);
  }
  options.push(...lockNames(call).map((fileName): [string, string] => ["--lock", fileName]));
  return [
    `slipway register ${shellText(files.file)}`,
    ...options.map(([option, value]) =>
      value === "" ? `  ${option}` : `  ${option} ${shellText(value)}`,
    ),
  ].join(" \\\n");
}

/** Documents that both calls read from files, as they stand in the form. */
export function callDocuments(
  call: RegisterCall,
): readonly { readonly name: string; readonly text: string }[] {
  return Object.entries(call.version).flatMap(([name, value]) => {
    const file = FILE_FIELDS[name];
    if (file === undefined) return [];
    return [
      { name: file, text: typeof value === "string" ? value : JSON.stringify(value, null, 2) },
    ];
  });
}
