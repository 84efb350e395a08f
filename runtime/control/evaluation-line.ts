import { batchTickResponse } from "#lib/contracts/batch.ts";
import { leaseEvaluationResponse, type EvaluationWork } from "#lib/contracts/evaluation.ts";
import type { EvaluationLine } from "../evaluation/evaluation-worker.ts";
import type { ControlCall } from "./batch-line.ts";

const REPORT_TIMEOUT_MS = 30_000;
const pathOf = ({ evaluationId }: EvaluationWork): string => `/evaluations/${evaluationId}`;

/** Evaluations over the line to the control plane. */
export function createEvaluationLine(call: ControlCall, { readArtifact }: Pick<EvaluationLine, "readArtifact">): EvaluationLine {
  return {
    readArtifact,
    leaseEvaluation: async (bootId) => leaseEvaluationResponse.parse(await (await call("POST", "/evaluations/lease", { json: { bootId } })).json()).work,
    tickEvaluation: async (work, bootId, rowsDone) => {
      const response = await call("POST", `${pathOf(work)}/tick`, { json: { bootId, leaseToken: work.leaseToken, rowsDone } });
      return batchTickResponse.parse(await response.json()).goOn;
    },
    reportEvaluation: async (work, result) => {
      await (await call("POST", `${pathOf(work)}/result`, { json: result, timeoutMs: REPORT_TIMEOUT_MS })).arrayBuffer();
    },
  };
}
