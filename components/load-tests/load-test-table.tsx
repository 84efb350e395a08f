"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { loadTestsQuery, loadTestStatus } from "#lib/client/load-test-queries.ts";
import type { LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Status } from "../ui/status.tsx";
import { headroomText } from "./limits-list.tsx";

/** Load tests of one endpoint, one a row; the row of a running one follows it. */
export function LoadTestTable({ rows, now }: { rows: readonly LoadTestView[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Result</th>
            <th scope="col" className="n">Planned</th>
            <th scope="col" className="n">Headroom</th>
            <th scope="col">What it showed</th>
            <th scope="col">Evidence until</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LoadTestRow key={row.number} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LoadTestRow({ row, now }: { row: LoadTestView; now: string }) {
  const { word, shape } = loadTestStatus(row);
  return (
    <tr>
      <th scope="row" className="first-th">
        Load test {row.number}
        <small>
          {row.modelName} {row.versionName}, <Instant at={row.createdAt} now={now} seconds={false} />, {row.createdBy}
        </small>
      </th>
      <td className="v-cell">
        <span role={row.finishedAt === null ? "status" : undefined}>
          <Status shape={shape}>{word}</Status>
        </span>
        {row.mayCancel.open ? <CancelButton row={row} /> : null}
      </td>
      <td className="n" data-label="Planned">{row.ratePerSecond.toLocaleString("en-GB")} requests/s</td>
      <td className="n" data-label="Headroom">{headroomText(row)}</td>
      <td className="wide" data-label="What it showed">
        {row.say}
        {row.problem === null ? null : <small>{row.problem}</small>}
      </td>
      <td data-label="Evidence until">
        {row.evidenceExpiresAt === null ? "none" : <Instant at={row.evidenceExpiresAt} now={now} seconds={false} />}
        {row.limits.areCurrent || row.passed === null ? null : <small>limits were changed after the run</small>}
      </td>
    </tr>
  );
}

function CancelButton({ row }: { row: LoadTestView }) {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => postAct(`/api/v1/load-tests/${String(row.number)}/cancel`, {}, { idempotencyKey: newIdempotencyKey() }),
    onSettled: () => client.invalidateQueries({ queryKey: loadTestsQuery(row.endpointName).queryKey }),
  });
  return (
    <>
      <Button
        closed={isPending}
        onClick={() => {
          mutate();
        }}
      >
        {`Cancel load test ${String(row.number)}`}
      </Button>
      {error === null ? null : <small role="alert">{error.message}</small>}
    </>
  );
}
