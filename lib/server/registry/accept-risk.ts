import { riskAcceptanceBody } from "#lib/contracts/api/artifact-operations.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { codesToAccept, RISK_ACCEPTANCE } from "#lib/domain/artifact/serving-decision.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import { requireSigner } from "../signatures/require-signer.ts";

const DAY_MS = 86_400_000;

/**
 * A person's signature that the risk of loading a pickle is accepted, for this digest, for what the newest reading found, and until a day. It opens nothing by
 * itself: the version must also be on an isolated server. Whoever made the version cannot sign, and a file that was found dangerous cannot be accepted.
 */
export const acceptRisk = command({
  name: "accept-risk",
  permission: "version:accept_risk",
  input: riskAcceptanceBody.extend({ model: slug, version: versionName }),
  async run({ tx, actor, input, now }) {
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    if (version.format !== "pickle") {
      throw new AppError("conflict", `${model.name} ${version.name} is ${version.format}; only a pickle runs code when it is loaded.`);
    }
    const signer = await requireSigner(tx, actor, { action: "accept-risk", digest: version.digest, grant: input.grant ?? null, isReauthenticationRequired: false }, now);
    const author = await tx.people.getPerson(version.authorId);
    if (author.personId === signer.personId) {
      throw new AppError("self_approval", "Whoever made a version does not accept its risk.", { hint: "Ask a validator, a compliance reviewer or an ML lead." });
    }
    const [newest] = await tx.scans.scansOf(version.id, 1);
    const findings = newest?.findings ?? version.findings;
    const blocking = findings.find(({ severity }) => severity === "block");
    if (blocking !== undefined) {
      throw new AppError("requirements_open", `The file was found to be dangerous: ${blocking.message}`, { hint: "No acceptance covers that. Export the model anew from trusted code." });
    }
    const codes = codesToAccept(findings);
    const expiresAt = new Date(now.getTime() + input.days * DAY_MS);
    const id = newId();
    const details = { codes, statement: input.reason, signedName: signer.signedName, method: signer.method, scannerVersion: newest?.scannerVersion ?? null };
    const summary = `${signer.signedName} accepts until ${expiresAt.toISOString().slice(0, 10)} that this pickle runs code where it is loaded${codes.length === 0 ? "" : `, with ${codes.join(", ")}`}: ${input.reason}`;
    const inputsHash = contentDigest(asJson({ digest: version.digest, codes }));
    await tx.evidence.insertEvidence({
      id,
      kind: RISK_ACCEPTANCE,
      subjectType: "version",
      subjectId: version.id,
      subjectDigest: version.digest,
      verdict: "passed",
      summary,
      details,
      producer: signer.signedName,
      producerVersion: "signature/1",
      inputsHash,
      expiresAt,
      recordedById: signer.userId,
      documentDigest: null,
    });
    return {
      result: { evidenceId: id, expiresAt: expiresAt.toISOString(), codes },
      forceCheckpoint: true,
      audit: {
        action: "version.risk_accepted",
        targets: [
          { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
          { type: "model", id: model.id, name: model.name, digest: null },
          { type: "evidence", id, name: RISK_ACCEPTANCE, digest: null },
        ],
        after: { codes, expiresAt: expiresAt.toISOString(), method: signer.method },
        reason: input.reason,
      },
    };
  },
});
