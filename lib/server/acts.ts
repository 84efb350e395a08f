import { exportCard } from "./cards/export-card.ts";
import { readCard, readCardDocument } from "./cards/read-card.ts";
import * as cardActs from "./cards/write-card.ts";
import * as incidentActs from "./incidents/change-incident.ts";
import { draftIncidentReport } from "./incidents/draft-report.ts";
import { openIncident } from "./incidents/open-incident.ts";
import { listIncidents, readIncident } from "./incidents/read-incidents.ts";
import { acceptAcks, acceptWindows } from "./ingest/accept-telemetry.ts";
import { registerRuntime } from "./ingest/register-runtime.ts";
import { awaitDesiredState, leaseNextJob } from "./ingest/serve-runtime.ts";
import * as batchJobActs from "./batch/act-on-job.ts";
import * as batchChangeActs from "./batch/decide-change.ts";
import { makeOutputCurrent } from "./batch/make-output-current.ts";
import { createBatchSchedule, switchBatchSchedule } from "./batch/schedules.ts";
import { findBatchOutput, readBatchChange, readBatchJob, readBatchList, readNewBatch } from "./batch/views.ts";
import { leaseBatch, recordBatchResult, tickBatch } from "./batch/serve-batch.ts";
import { createEvaluation } from "./evaluation/create-evaluation.ts";
import { cancelEvaluation, recordEvaluation } from "./evaluation/end-evaluation.ts";
import { listEvaluations, readEvaluation } from "./evaluation/read-evaluations.ts";
import { leaseEvaluation, tickEvaluation } from "./evaluation/serve-evaluation.ts";
import { createLoadTest } from "./load-tests/create-load-test.ts";
import { cancelLoadTest, recordLoadTest } from "./load-tests/end-load-test.ts";
import { listLoadTests, readLoadTest } from "./load-tests/read-load-tests.ts";
import { leaseLoadTest, tickLoadTest } from "./load-tests/serve-load-test.ts";
import { pauseStream, resumeStream } from "./streams/act-on-stream.ts";
import { createStream } from "./streams/create-stream.ts";
import { receiveStreamReport } from "./streams/receive-report.ts";
import { rollBackStream } from "./streams/roll-back-stream.ts";
import { readNewStream, readStream, readStreamList } from "./streams/views.ts";
import { grantRole, revokeRole, disablePerson, enablePerson } from "./people/change-roles.ts";
import { createInvitationLink, invitePerson } from "./people/invite-person.ts";
import { createServiceAccount, createServiceToken, listServiceAccounts } from "./people/service-accounts.ts";
import { listPeople } from "./people/list-people.ts";
import { resetDemoEndpoint } from "./demo/reset-demo-endpoint.ts";
import * as mlflowModels from "./mlflow/registered-models.ts";
import * as mlflowVersions from "./mlflow/model-versions.ts";
import * as mlflowReads from "./mlflow/read-registered.ts";
import { createEndpoint } from "./registry/create-endpoint.ts";
import { createDemoEnvironment, createEnvironment } from "./registry/create-environment.ts";
import { changeEnvironmentPolicy } from "./registry/change-policy.ts";
import { createDemoModel, createModel } from "./registry/create-model.ts";
import { listEndpoints, listEnvironments, listModels, readEndpoint, readModel } from "./registry/read-registry.ts";
import { signWaiver } from "./registry/sign-waiver.ts";
import { acceptRisk } from "./registry/accept-risk.ts";
import { signVersion } from "./registry/sign-version.ts";
import { recordScan } from "./registry/record-scan.ts";
import { recordJobResult } from "./registry/record-job-result.ts";
import { registerVersion } from "./registry/register-version.ts";
import { liftQuarantine } from "./registry/lift-quarantine.ts";
import { orderTry, readJob } from "./registry/try-version.ts";
import { addEvidence } from "./governance/add-evidence.ts";
import { classifyModel, recordDelivery } from "./governance/classify-model.ts";
import { chooseCatalogue, decideControl, registerEnvelope } from "./governance/decide-control.ts";
import { listEvidence, listEvidenceKinds, readEvidenceDocument } from "./governance/read-evidence.ts";
import { readAssurance } from "./governance/views/read-assurance.ts";
import { getFramework, listFrameworks, readCatalogues, readClassification, readControl, readFramework } from "./governance/views/read-frameworks.ts";
import { readRegulatoryDocument, readTechnicalDocumentation } from "./governance/views/read-technical-documentation.ts";
import { readVersionAssurance } from "./governance/views/read-version-assurance.ts";
import { readEndpointList } from "./registry/views/read-endpoint-list.ts";
import { readEndpointMonitoring } from "./registry/views/read-endpoint-monitoring.ts";
import { readEndpointView } from "./registry/views/read-endpoint-view.ts";
import { readModelList } from "./registry/views/read-model-list.ts";
import { readModelView } from "./registry/views/read-model-view.ts";
import { readNewEndpoint } from "./registry/views/read-new-endpoint.ts";
import { readNewVersion } from "./registry/views/read-new-version.ts";
import { readVersionView } from "./registry/views/read-version-view.ts";
import * as releaseActs from "./releases/act-on-release.ts";
import { changePlan } from "./releases/change-plan.ts";
import { listDrills } from "./releases/list-drills.ts";
import { readDecisions } from "./releases/read-decisions.ts";
import { completeRollbackReason } from "./releases/complete-rollback-reason.ts";
import { createRelease } from "./releases/create-release.ts";
import { dryRunRelease } from "./releases/dry-run-release.ts";
import { readInboxView } from "./releases/views/read-inbox-view.ts";
import { readNewRelease } from "./releases/views/read-new-release.ts";
import { readReleaseList } from "./releases/views/read-release-list.ts";
import { readReleaseView } from "./releases/views/read-release-view.ts";
import { listRunbooks, readRunbook } from "./runbooks/read-runbooks.ts";
import * as runbookActs from "./runbooks/write-runbook.ts";
import { readRetention } from "./retention/read-retention.ts";
import { pruneTexts } from "./retention/prune-texts.ts";
import * as retentionActs from "./retention/retention-rules.ts";
import { readAsOf } from "./review/read-as-of.ts";
import * as reviewActs from "./review/write-review.ts";
import { breakGlass, openOverdueReviews, reviewBreakGlass } from "./signatures/break-glass.ts";
import { addChallenge, readChallenges } from "./signatures/challenge-log.ts";
import * as signingActs from "./signatures/signing-rules.ts";
import { readInstallation } from "./shell/read-installation.ts";
import { readShellView } from "./shell/read-shell-view.ts";
import { search } from "./shell/search.ts";
import * as alertActs from "./monitoring/act-on-alert.ts";
import { readMetrics } from "./monitoring/metrics-text.ts";
import { readAlertRules, readAlerts } from "./monitoring/views/read-alerts.ts";
import { readMonitoring } from "./monitoring/views/read-monitoring.ts";
import { changeChannel, removeChannel, replayDelivery } from "./outgoing/change-channel.ts";
import { readChannel, readChannels } from "./outgoing/read-channels.ts";
import { createDeviceCode } from "./edge/enrol-device.ts";
import { readDeviceFleets } from "./edge/read-device-fleets.ts";
import { readDevices } from "./edge/read-devices.ts";
import { revokeDevice } from "./edge/revoke-device.ts";
import { advanceDeviceUpdate, holdDeviceUpdate, rollBackDevices, startDeviceUpdate } from "./edge/update-devices.ts";
import { readServiceLevel } from "./serving/read-service-level.ts";
import { saveServiceLevel } from "./serving/save-service-level.ts";
import { changeTarget } from "./targets/change-target.ts";
import { bindVersion, createTarget } from "./targets/create-target.ts";
import { readTargets } from "./targets/read-targets.ts";
import { readRuntimeConfiguration } from "./serving/read-runtime-configuration.ts";
import { saveRuntimeConfiguration } from "./serving/save-runtime-configuration.ts";
import type { Store } from "./store.ts";
import { createLocalToken } from "./tokens/create-local-token.ts";
import { createRuntimeToken, createToken } from "./tokens/create-token.ts";
import { listTokens } from "./tokens/list-tokens.ts";
import { revokeToken } from "./tokens/revoke-token.ts";

const governanceViews = { readFramework, readControl, readClassification, readCatalogues, readVersionAssurance } as const;

const registryViews = {
  readAssurance, readEndpointList, readEndpointMonitoring, readEndpointView, readModelList, readModelView, readNewEndpoint, readNewVersion, readVersionView,
} as const;

const mlflow = {
  createRegisteredModel: mlflowModels.createRegisteredModel, renameRegisteredModel: mlflowModels.renameRegisteredModel,
  describeRegisteredModel: mlflowModels.describeRegisteredModel, withdrawRegisteredModel: mlflowModels.withdrawRegisteredModel,
  setRegisteredModelTag: mlflowModels.setRegisteredModelTag, deleteRegisteredModelTag: mlflowModels.deleteRegisteredModelTag,
  describeModelVersion: mlflowVersions.describeModelVersion, withdrawModelVersion: mlflowVersions.withdrawModelVersion,
  setModelVersionTag: mlflowVersions.setModelVersionTag, deleteModelVersionTag: mlflowVersions.deleteModelVersionTag,
  deleteFreeAlias: mlflowVersions.deleteFreeAlias,
  ...mlflowReads,
} as const;

/** Every command and query of the product by area: what `app.<area>.<verb>(actor, input)` reaches. A new use case is named here and nowhere else. */
const catalogue = {
  people: { listPeople, invitePerson, createInvitationLink, grantRole, revokeRole, disablePerson, enablePerson, createServiceAccount, createServiceToken, listServiceAccounts },
  demo: { createDemoModel, createDemoEnvironment, resetDemoEndpoint },
  registry: {
    createModel, registerVersion, recordScan, signVersion, acceptRisk, createEnvironment, changeEnvironmentPolicy, createEndpoint, signWaiver, orderTry, readJob, liftQuarantine,
    listModels, readModel, listEnvironments, listEndpoints, readEndpoint,
  },
  releases: { createRelease, dryRunRelease, changePlan, completeRollbackReason, listDrills, readDecisions, ...releaseActs },
  governance: {
    addEvidence, listEvidence, listEvidenceKinds, readEvidenceDocument, classifyModel, recordDelivery, decideControl, chooseCatalogue, registerEnvelope,
    listFrameworks, getFramework, readTechnicalDocumentation, readRegulatoryDocument,
  },
  review: { ...reviewActs, readAsOf },
  retention: { readRetention, pruneTexts, ...retentionActs },
  signing: { ...signingActs, addChallenge, readChallenges, breakGlass, reviewBreakGlass, openOverdueReviews },
  cards: { readCard, readCardDocument, exportCard, ...cardActs },
  incidents: { openIncident, listIncidents, readIncident, draftIncidentReport, ...incidentActs },
  runbooks: { listRunbooks, readRunbook, ...runbookActs },
  runtimes: { registerRuntime, awaitDesiredState, acceptAcks, acceptWindows, leaseNextJob, recordJobResult },
  views: { readInboxView, readNewRelease, readReleaseList, readReleaseView, readInstallation, readShellView, search, ...registryViews, ...governanceViews },
  mlflow,
  serving: { readRuntimeConfiguration, saveRuntimeConfiguration, readServiceLevel, saveServiceLevel },
  targets: { bindVersion, changeTarget, createTarget, readTargets },
  batch: {
    ...batchJobActs, ...batchChangeActs, makeOutputCurrent, createBatchSchedule, switchBatchSchedule, leaseBatch, tickBatch, recordBatchResult,
    findBatchOutput, readBatchChange, readBatchJob, readBatchList, readNewBatch,
  },
  evaluations: { createEvaluation, cancelEvaluation, listEvaluations, readEvaluation, leaseEvaluation, tickEvaluation, recordEvaluation },
  loadTests: { createLoadTest, cancelLoadTest, listLoadTests, readLoadTest, leaseLoadTest, tickLoadTest, recordLoadTest },
  streams: { createStream, pauseStream, resumeStream, rollBackStream, receiveStreamReport, readStreamList, readStream, readNewStream },
  edge: { createDeviceCode, revokeDevice, startDeviceUpdate, advanceDeviceUpdate, holdDeviceUpdate, rollBackDevices, readDevices, readDeviceFleets },
  monitoring: { ...alertActs, readAlerts, readAlertRules, readMetrics, readMonitoring },
  outgoing: { changeChannel, removeChannel, replayDelivery, readChannel, readChannels },
  tokens: { listTokens, createToken, createRuntimeToken, createLocalToken, revokeToken },
} as const;

type Catalogue = typeof catalogue;
type Ready<T> = T extends (store: Store) => infer Act ? Act : never;
export type Acts = { readonly [A in keyof Catalogue]: { readonly [K in keyof Catalogue[A]]: Ready<Catalogue[A][K]> } };

/** All of them on this store. */
export function actsOn(store: Store): Acts {
  const areas = Object.entries(catalogue).map(([area, acts]) => [
    area,
    Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, act(store)])),
  ]);
  return Object.fromEntries(areas);
}
