import { createHash } from "node:crypto";
import { z } from "zod";
import { dependencyLock } from "#lib/contracts/dependencies.ts";
import { artifactInspection, finding, inputContract } from "#lib/contracts/artifact.ts";
import { registerVersionFields, slug } from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { trainingProfile } from "#lib/contracts/training-profile.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import { inspectionFacts } from "#lib/domain/artifact/inspection-facts.ts";
import { SCANNER_VERSION } from "#lib/domain/artifact/scanner-version.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { validateContract } from "#lib/domain/contract/validate-contract.ts";
import { AppError } from "#lib/domain/errors.ts";
import { recordFirstScan } from "./record-scan.ts";
import { command } from "../command.ts";
import type { ModelRecord } from "../db/model-repository.ts";
import type { UnitOfWork } from "../ports.ts";
import { asJson, contentDigest, filesDigest } from "../content-digest.ts";
import type { EvidenceRecord } from "../db/evidence-repository.ts";
import { recordVersionBaseline } from "../monitoring/record-version-baseline.ts";
import { REGISTRY_PRODUCER, registeredFacts } from "../governance/facts/version-facts.ts";
import { recordFacts } from "../governance/record-facts.ts";
import { newId } from "../new-id.ts";

const REGISTRY_VERSION = "registry/1";

/** A file of dependencies in the artifact store, and what it says. */
const receivedLock = z.strictObject({
  fileName: z.string(),
  digest: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  ...dependencyLock.shape,
});

/** Files that are already in the artifact store, and what reading them said. */
export const receivedArtifact = z.strictObject({
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
        role: z.enum(["model", "external", "lock"]),
        digest: z.string(),
        sizeBytes: z.number().int().nonnegative(),
      }),
    )
    .min(1),
  locks: z.array(receivedLock).max(8).default([]),
  inspection: artifactInspection,
  findings: z.array(finding),
  signature: modelSignature,
  inferredContract: inputContract,
});
export type ReceivedArtifact = z.output<typeof receivedArtifact>;

const input = z.strictObject({
  model: slug,
  /** Without the texts of files of dependencies: what they say is in `artifact.locks`. */
  fields: registerVersionFields,
  artifact: receivedArtifact,
  /** Counts of the sample file, for a version without a training profile. */
  sampleProfile: trainingProfile.nullable().default(null),
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The output that names the class: the one asked for, else one called label or class. */
function chooseLabelOutput(asked: string | null, outputs: readonly { name: string }[]): string | null {
  if (asked === null) return outputs.find(({ name }) => /^(output_)?(label|class)$/i.test(name))?.name ?? null;
  if (outputs.some(({ name }) => name === asked)) return asked;
  throw new AppError("invalid_input", `The model has no output named ${asked}.`, {
    hint: `Its outputs are ${outputs.map(({ name }) => name).join(", ")}.`,
    errors: [{ pointer: "/labelOutput", message: "No such output." }],
  });
}

/** "ONNX, IR 10, opset 21" and the like: what the file is, as the first of its facts says. */
const formatLine = (inspection: ReceivedArtifact["inspection"]): string => inspectionFacts(inspection)[0]?.value ?? inspection.format;

type Fact = Pick<EvidenceRecord, "kind" | "verdict" | "summary" | "details" | "inputsHash">;

/** What registering itself establishes, and what the engineer sent along, as evidence. */
function factsOf({ fields, artifact }: z.output<typeof input>, contractDigest: string): Fact[] {
  const { inspection, findings } = artifact;
  const open = findings.filter(({ severity }) => severity === "warn").length;
  const model = artifact.files.find(({ role }) => role === "model");
  const facts: Fact[] = [
    {
      kind: "artifact_inspected",
      verdict: "passed",
      summary: `${formatLine(inspection)}, ${open === 0 ? "nothing" : open} to look at. Read, not run.`,
      details: { findings: asJson(findings), scanner: SCANNER_VERSION },
      inputsHash: model?.digest ?? "",
    },
    {
      kind: "contract_sealed",
      verdict: "passed",
      summary: `Input contract of ${(fields.contract ?? artifact.inferredContract).fields.length} fields, sealed with the version.`,
      details: { contractDigest, written: fields.contract !== null },
      inputsHash: contractDigest,
    },
  ];
  if (fields.evaluation) {
    const [[name, metric] = ["", undefined]] = Object.entries(fields.evaluation.metrics);
    facts.push({
      kind: "held_out_evaluation",
      verdict: "passed",
      summary: `${fields.evaluation.rows} held-out rows of ${fields.evaluation.dataset}: ${name} ${metric?.value}. Stated by the engineer.`,
      details: { evaluation: asJson(fields.evaluation) },
      inputsHash: contentDigest(asJson(fields.evaluation)),
    });
  }
  if (fields.card !== null && fields.card.trim() !== "") {
    facts.push({
      kind: "model_card",
      verdict: "passed",
      summary: `Model card of ${fields.card.trim().split(/\s+/).length} words.`,
      details: { markdown: fields.card.slice(0, 30_000) },
      inputsHash: `sha256:${sha256(fields.card)}`,
    });
  }
  return facts;
}

/** Refuses what may not become a version; answers the parts that were found on the way. */
async function requireAcceptable(tx: UnitOfWork, model: ModelRecord, { fields, artifact }: z.output<typeof input>) {
  const modelFile = artifact.files.find(({ role }) => role === "model");
  if (!modelFile) throw new AppError("invalid_input", "No model file was sent.");
  const blocking = artifact.findings.filter(({ severity }) => severity === "block");
  if (blocking.length > 0) {
    throw new AppError("invalid_input", blocking.map(({ message }) => message).join(" "), {
      errors: blocking.map(({ message }) => ({ pointer: "/model", message })),
      ...(blocking[0]?.hint ? { hint: blocking[0].hint } : {}),
    });
  }
  const twin = await tx.models.versionOfModelFile(modelFile.digest);
  if (twin) {
    throw new AppError("already_exists", `This exact file is already ${twin.modelName} ${twin.name}.`, {
      hint: "Open that version, or register other bytes.",
      details: { model: twin.modelName, version: twin.name, digest: modelFile.digest },
    });
  }
  if (await tx.models.findVersion(model.id, fields.version)) {
    throw new AppError("already_exists", `${model.name} ${fields.version} is registered already, with other bytes.`, {
      errors: [{ pointer: "/version", message: "This version name is taken." }],
    });
  }
  const parent = fields.parent === null ? null : await tx.models.findVersion(model.id, fields.parent);
  if (fields.parent !== null && parent === null) {
    throw new AppError("invalid_input", `${model.name} has no version ${fields.parent}.`, {
      errors: [{ pointer: "/parent", message: "No such version." }],
    });
  }
  return { modelFile, parent, contract: acceptedContract(fields.contract ?? artifact.inferredContract, artifact.signature) };
}

function acceptedContract(contract: InputContract, signature: ModelSignature): InputContract {
  const problems = validateContract(contract, signature);
  if (problems.length === 0) return contract;
  throw new AppError("invalid_input", "The input contract does not fit the model's signature.", {
    errors: problems.map(({ pointer, message }) => ({ pointer: `/contract${pointer}`, message })),
  });
}

/**
 * A new version, sealed: artifact by digest, signature, contract, lineage, first evidence and the profile run, in one
 * transaction. Refuses a name that is taken, bytes that are already a version of this model, findings that block, and a
 * contract that does not fit the signature.
 */
export const registerVersion = command({
  name: "register-version",
  permission: "version:create",
  input,
  async run({ tx, actor, input, now }) {
    const { fields, artifact } = input;
    if (actor.userId === null) throw new AppError("forbidden", "A version needs a person as its author.");
    const model = await tx.models.getModel(input.model);
    const { modelFile, parent, contract } = await requireAcceptable(tx, model, input);
    const digest = filesDigest(artifact.files);

    const id = newId();
    await tx.models.insertVersion(
      {
        id,
        modelId: model.id,
        name: fields.version,
        digest,
        format: artifact.inspection.format,
        sizeBytes: artifact.files.reduce((sum, file) => sum + file.sizeBytes, 0),
        state: "registered",
        signature: artifact.signature,
        contract,
        inspection: artifact.inspection,
        findings: artifact.findings,
        golden: fields.golden ?? [],
        labelOutput: chooseLabelOutput(fields.labelOutput, artifact.signature.outputs),
        lineage: fields.lineage ?? { run: null, commit: null, dataset: null, datasetSha256: null },
        notes: fields.notes,
        parentId: parent?.id ?? null,
        authorId: actor.userId,
        files: artifact.files,
      },
      now,
    );
    const target = { type: "version", id, name: `${model.name} ${fields.version}`, digest };
    const targets = [target, { type: "model", id: model.id, name: model.name, digest: null }];
    const contractDigest = contentDigest(asJson(contract));
    const evidence: AuditDraft[] = [];
    for (const fact of factsOf(input, contractDigest)) {
      const evidenceId = newId();
      await tx.evidence.insertEvidence({
        ...fact,
        id: evidenceId,
        subjectType: "version",
        subjectId: id,
        subjectDigest: digest,
        producer: fact.kind === "held_out_evaluation" || fact.kind === "model_card" ? actor.name : "Registry",
        producerVersion: REGISTRY_VERSION,
        expiresAt: null,
      });
      evidence.push({
        action: "evidence.recorded",
        targets: [{ type: "evidence", id: evidenceId, name: fact.kind, digest: null }, ...targets],
        after: { kind: fact.kind, verdict: fact.verdict, summary: fact.summary, inputsHash: fact.inputsHash },
      });
    }
    await recordFirstScan(tx, id, artifact.findings);
    for (const lock of artifact.locks) await tx.dependencies.insertLock({ versionId: id, ...lock });
    const registered = registeredFacts({ id, digest, fields, artifact, contract, contractDigest, signature: artifact.signature });
    evidence.push(...(await recordFacts(tx, registered, { ...REGISTRY_PRODUCER, targets, now })));
    const labelOutput = chooseLabelOutput(fields.labelOutput, artifact.signature.outputs);
    const baseline = await recordVersionBaseline(tx, { versionId: id, artifact, contract, labelOutput, training: fields.baseline, sample: input.sampleProfile });
    // What the bundled runtime cannot load is not sent to one.
    const isServed = servingFit(artifact.inspection.format).isServed;
    const jobId = isServed ? newId() : null;
    if (jobId !== null) {
      await tx.jobs.enqueueJob({ id: jobId, kind: "profile_version", versionId: id, inputs: [], createdById: actor.userId });
      await tx.desired.bumpDesiredRevision();
    }
    return {
      result: { id, model: model.name, version: fields.version, digest, modelFileDigest: modelFile.digest, jobId },
      notify: isServed ? ["desired-state"] : [],
      audit: [
        {
          action: "version.registered",
          targets,
          after: {
            digest,
            files: artifact.files.map(({ name, role, digest: fileDigest, sizeBytes }) => ({ name, role, digest: fileDigest, sizeBytes })),
            contractDigest,
            parent: parent?.name ?? null,
          },
        },
        { action: "version.sealed", targets, after: { digest } },
        { action: "baseline.recorded", targets, after: baseline },
        ...evidence,
        ...(jobId === null ? [] : [{ action: "profile.ordered" as const, targets: [{ type: "job", id: jobId, name: "profile_version", digest: null }, ...targets] }]),
      ],
    };
  },
});
