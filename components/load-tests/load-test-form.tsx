"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiProblem, fieldMessage, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { loadTestsPath, loadTestsQuery } from "#lib/client/load-test-queries.ts";
import { ActProblem } from "../shell/act-problem.tsx";
import { SameCall } from "../shell/same-call.tsx";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";

/** What a field says as a number; nothing and nonsense stay what they are, for the answer to name. */
const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));

export type LoadTestFormProps = { readonly endpoint: string; readonly versionName: string; readonly lastRate: number | null; readonly closedBecause: string | null };

/** What is planned, for how long, and what p99 is still good: agreed on before anything is measured. */
export function LoadTestForm({ endpoint, versionName, lastRate, closedBecause }: LoadTestFormProps) {
  const client = useQueryClient();
  const [rate, setRate] = useState(String(lastRate ?? 50));
  const [seconds, setSeconds] = useState("10");
  const [limit, setLimit] = useState("");
  const key = useRef(newIdempotencyKey());
  const body = { ratePerSecond: numberOf(rate), seconds: numberOf(seconds), latencyLimitMs: numberOf(limit) };
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => postAct(loadTestsPath(endpoint), body, { idempotencyKey: key.current }),
    onSuccess: async () => {
      key.current = newIdempotencyKey();
      await client.invalidateQueries({ queryKey: loadTestsQuery(endpoint).queryKey });
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <form
      noValidate
      className="with-rail"
      onSubmit={(event) => {
        event.preventDefault();
        if (closedBecause === null) mutate();
      }}
    >
      <div className="form-stack">
        <ActProblem problem={problem} fields={{ "/ratePerSecond": "load-rate", "/seconds": "load-seconds", "/latencyLimitMs": "load-limit" }} />
        <p className="small form-note">
          A runtime sends {endpoint} 1, 1.5 and 2 times this rate, with the golden inputs of {versionName} or, where it has none, requests made from its contract. Monitoring counts them like
          any other request.
        </p>
        <Field id="load-rate" label="Planned rate, requests a second" error={fieldMessage(problem, "/ratePerSecond")}>
          <TextInput id="load-rate" inputMode="decimal" value={rate} onChange={(event) => { setRate(event.target.value); }} />
        </Field>
        <Field id="load-seconds" label="Seconds for each of the three stages" error={fieldMessage(problem, "/seconds")}>
          <TextInput id="load-seconds" inputMode="numeric" value={seconds} onChange={(event) => { setSeconds(event.target.value); }} />
        </Field>
        <Field id="load-limit" label="p99 at most, milliseconds; empty: any" error={fieldMessage(problem, "/latencyLimitMs")}>
          <TextInput id="load-limit" inputMode="decimal" value={limit} onChange={(event) => { setLimit(event.target.value); }} />
        </Field>
        <div className="form-foot">
          <Button variant="primary" type="submit" closed={isPending || closedBecause !== null} aria-describedby={closedBecause === null ? undefined : "why-no-load-test"}>
            {isPending ? "Beginning" : "Run the load test"}
          </Button>
          {closedBecause === null ? null : (
            <span className="caption" id="why-no-load-test">
              {closedBecause}
            </span>
          )}
        </div>
      </div>
      <SameCall path={loadTestsPath(endpoint)} body={body} roles="Engineer, ML Lead or Validator" />
    </form>
  );
}
