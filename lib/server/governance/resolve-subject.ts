import type { EvidenceSubject } from "#lib/contracts/governance-api.ts";
import type { AuditTarget } from "#lib/domain/audit/leaf.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { Subject } from "#lib/domain/governance/evidence/standing.ts";
import type { Located } from "../access.ts";
import type { UnitOfWork } from "../ports.ts";
import { releaseTargets } from "../releases/release-targets.ts";
import { endpointSubject, environmentSubject, modelSubject, organisationSubject, releaseSubject, versionSubject } from "./subjects.ts";

export type ResolvedSubject = Located & { readonly subject: Subject; readonly name: string };

const target = (type: string, id: string, name: string, digest: string | null = null): AuditTarget => ({ type, id, name, digest });

/** Finds what evidence is to be about, with the environment its right depends on. Throws `not_found`. */
export async function resolveSubject(tx: UnitOfWork, asked: EvidenceSubject): Promise<ResolvedSubject> {
  switch (asked.type) {
    case "version": {
      const model = await tx.models.getModel(asked.model);
      const version = await tx.models.findVersion(model.id, asked.version);
      if (version === null) throw notFound();
      const name = `${model.name} ${version.name}`;
      return { environmentId: null, targets: [target("version", version.id, name, version.digest), target("model", model.id, model.name)], subject: versionSubject(version), name };
    }
    case "model": {
      const model = await tx.models.getModel(asked.model);
      return { environmentId: null, targets: [target("model", model.id, model.name)], subject: modelSubject(model), name: model.name };
    }
    case "release": {
      const record = await tx.releases.getRelease({ number: asked.number });
      return { environmentId: record.environmentId, targets: releaseTargets(record), subject: releaseSubject(record), name: `Release ${record.number}` };
    }
    case "endpoint": {
      const endpoint = await tx.endpoints.getEndpoint({ name: asked.endpoint });
      const targets = [target("endpoint", endpoint.id, endpoint.name), target("model", endpoint.modelId, endpoint.modelName)];
      return { environmentId: endpoint.environment.id, targets, subject: endpointSubject(endpoint.id), name: endpoint.name };
    }
    case "environment": {
      const environment = await tx.endpoints.findEnvironment(asked.environment);
      if (environment === null) throw notFound();
      return { environmentId: environment.id, targets: [target("environment", environment.id, environment.name)], subject: environmentSubject(environment.id), name: environment.name };
    }
    case "organisation": {
      const install = await tx.install.findInstall();
      if (install === null) throw notFound();
      return { environmentId: null, targets: [target("organisation", install.installId, "This organisation")], subject: organisationSubject(install.installId), name: "This organisation" };
    }
  }
}
