import type { Operation } from "#lib/contracts/operation.ts";
import * as artifacts from "./artifact-operations.ts";
import * as audit from "./audit-operations.ts";
import * as cards from "./card-operations.ts";
import * as incidents from "./incident-operations.ts";
import * as batch from "./batch-operations.ts";
import * as batchRuntime from "./batch-runtime-operations.ts";
import * as streamRuntime from "./stream-runtime-operations.ts";
import * as streams from "./stream-operations.ts";
import * as edge from "./edge-operations.ts";
import * as evaluationRuntime from "./evaluation-runtime-operations.ts";
import * as evaluations from "./evaluation-operations.ts";
import * as loadTestRuntime from "./load-test-runtime-operations.ts";
import * as loadTests from "./load-test-operations.ts";
import * as monitoring from "./monitoring-operations.ts";
import * as governance from "./governance-operations.ts";
import * as people from "./people-operations.ts";
import * as registry from "./registry-operations.ts";
import * as registryViews from "./registry-view-operations.ts";
import * as releases from "./release-operations.ts";
import * as retention from "./retention-operations.ts";
import * as review from "./review-operations.ts";
import * as runbooks from "./runbook-operations.ts";
import * as runtimes from "./runtime-operations.ts";
import * as serving from "./serving-operations.ts";
import * as serviceLevels from "./service-level-operations.ts";
import * as session from "./session-operations.ts";
import * as signing from "./signing-operations.ts";
import * as system from "./system-operations.ts";
import * as targets from "./target-operations.ts";
import * as tokens from "./token-operations.ts";
import * as views from "./view-operations.ts";

const operationsOf = (module: Readonly<Record<string, unknown>>): Operation[] =>
  Object.values(module).filter((member): member is Operation => typeof member === "object" && member !== null && "method" in member);

/** Every operation of the API by area; the OpenAPI document and the test of routes against roles are made from this. A new one is added here. */
export const operationsByArea: Readonly<Record<string, readonly Operation[]>> = {
  Audit: [...operationsOf(audit), ...operationsOf(review)],
  Governance: operationsOf(governance),
  Registry: [...operationsOf(registry), ...operationsOf(artifacts)],
  Signing: operationsOf(signing),
  Retention: operationsOf(retention),
  Releases: operationsOf(releases),
  "Model cards": operationsOf(cards),
  Incidents: operationsOf(incidents),
  Runbooks: operationsOf(runbooks),
  Monitoring: operationsOf(monitoring),
  Evaluations: operationsOf(evaluations),
  "Load tests": operationsOf(loadTests),
  Batch: operationsOf(batch),
  Streams: operationsOf(streams),
  Devices: operationsOf(edge),
  Targets: operationsOf(targets),
  Serving: operationsOf(serving),
  "Service levels": operationsOf(serviceLevels),
  Runtimes: [...operationsOf(runtimes), ...operationsOf(batchRuntime), ...operationsOf(evaluationRuntime), ...operationsOf(loadTestRuntime), ...operationsOf(streamRuntime)],
  Views: [...operationsOf(views), ...operationsOf(registryViews)],
  People: Object.values(people),
  Tokens: Object.values(tokens),
  Session: Object.values(session),
  System: Object.values(system),
};
