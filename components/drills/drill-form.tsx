"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiProblem, fieldMessage, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { drillsQuery, newReleaseQuery } from "#lib/client/view-queries.ts";
import type { CandidateChoice, EndpointChoice } from "#lib/contracts/views/new-release-view.ts";
import type { Fault } from "#lib/domain/release/plan-parts.ts";
import { FAULTS } from "#lib/domain/release/strategy-plans.ts";
import { faultText } from "#lib/domain/release/strategy-words.ts";
import { ActProblem } from "../shell/act-problem.tsx";
import { SameCall } from "../shell/same-call.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select } from "../ui/field.tsx";

const FAULT_NAMES: Readonly<Record<Fault["kind"], string>> = {
  errors: "Errors",
  latency: "Latency",
  drifted_inputs: "Drifted inputs",
};

export type DrillFormProps = {
  readonly endpoint: EndpointChoice;
  readonly candidates: readonly CandidateChoice[];
  readonly closedBecause: string | null;
};

/** One button, after two choices: which version is to fail, and how. */
export function DrillForm({ endpoint, candidates, closedBecause }: DrillFormProps) {
  const client = useQueryClient();
  const [version, setVersion] = useState(candidates[0]?.versionName ?? "");
  const [fault, setFault] = useState<Fault["kind"]>("errors");
  const key = useRef(newIdempotencyKey());
  const body = {
    endpoint: endpoint.name,
    version,
    drill: fault,
    reason: `Rollback drill with ${fault.replaceAll("_", " ")}.`,
  };
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => postAct("/api/v1/releases", body, { idempotencyKey: key.current }),
    onSuccess: async () => {
      key.current = newIdempotencyKey();
      await Promise.all([
        client.invalidateQueries({ queryKey: drillsQuery(endpoint.name).queryKey }),
        client.invalidateQueries({ queryKey: newReleaseQuery(endpoint.name).queryKey }),
      ]);
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
      <div>
        <ActProblem
          problem={problem}
          fields={{ "/version": "drill-version", "/drill": "drill-fault" }}
        />
        <p className="small form-note">
          Half of the traffic of {endpoint.name} meets the fault until the guards find it, at most two
          minutes. {endpoint.stableVersionName} stays loaded and takes everything back.
        </p>
        <Field
          id="drill-version"
          label="Candidate that is to fail"
          error={fieldMessage(problem, "/version")}
        >
          <Select
            id="drill-version"
            value={version}
            onChange={(event) => {
              setVersion(event.target.value);
            }}
          >
            {candidates.map(({ versionId, versionName }) => (
              <option key={versionId} value={versionName}>
                {versionName}
              </option>
            ))}
          </Select>
        </Field>
        <Field id="drill-fault" label="Fault" error={fieldMessage(problem, "/drill")}>
          <Select
            id="drill-fault"
            value={fault}
            onChange={(event) => {
              setFault(FAULTS.find(({ kind }) => kind === event.target.value)?.kind ?? "errors");
            }}
          >
            {FAULTS.map((one) => (
              <option key={one.kind} value={one.kind}>
                {FAULT_NAMES[one.kind]}: {faultText(one)}
              </option>
            ))}
          </Select>
        </Field>
        <div className="form-foot">
          <Button
            variant="primary"
            type="submit"
            closed={isPending || closedBecause !== null}
            aria-describedby={closedBecause === null ? undefined : "why-no-drill"}
          >
            {isPending ? "Beginning" : "Run the drill"}
          </Button>
          {closedBecause === null ? null : (
            <span className="caption" id="why-no-drill">
              {closedBecause}
            </span>
          )}
        </div>
      </div>
      <SameCall path="/api/v1/releases" body={body} roles="Engineer or ML Lead" />
    </form>
  );
}
