import { tickLoadTest } from "#lib/contracts/api/load-test-runtime-operations.ts";
import { leaseLoadTestResponse, type LoadTestWork } from "#lib/contracts/load-test.ts";
import type { LoadTestLine } from "../load-test/load-test-worker.ts";
import type { ControlCall } from "./batch-line.ts";

const pathOf = ({ loadTestId }: LoadTestWork): string => `/load-tests/${loadTestId}`;

/** Load tests over the line to the control plane. */
export function createLoadTestLine(call: ControlCall): LoadTestLine {
  return {
    leaseLoadTest: async (bootId) => leaseLoadTestResponse.parse(await (await call("POST", "/load-tests/lease", { json: { bootId } })).json()).work,
    tickLoadTest: async (work, bootId, sent) => {
      const response = await call("POST", `${pathOf(work)}/tick`, { json: { bootId, leaseToken: work.leaseToken, sent } });
      return tickLoadTest.response.parse(await response.json()).goOn;
    },
    reportLoadTest: async (work, result) => {
      await (await call("POST", `${pathOf(work)}/result`, { json: result })).arrayBuffer();
    },
  };
}
