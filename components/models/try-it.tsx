"use client";

import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ApiProblem, getView, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { offeredRequest, parseRequestText } from "#lib/client/request-text.ts";
import { versionPath } from "#lib/client/registry-words.ts";
import { tryVersion } from "#lib/contracts/api/registry-operations.ts";
import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { FieldError } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { TryAnswer, type TryJob } from "./try-answer.tsx";

const POLL_MS = 1_000;
const GIVE_UP_MS = 120_000;

const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Asks for the run and, when it is still in the queue after the first wait, looks again until it is over. */
async function run(modelName: string, versionName: string, request: unknown): Promise<TryJob> {
  const path = `/api/v1${versionPath(modelName, versionName)}/try`;
  let job = tryVersion.response.parse(
    await postAct(path, { request }, { idempotencyKey: newIdempotencyKey() }),
  );
  for (let waitedMs = 0; job.state === "waiting" && waitedMs < GIVE_UP_MS; waitedMs += POLL_MS) {
    await pause(POLL_MS);
    job = await getView(`/api/v1/jobs/${job.jobId}`, tryVersion.response);
  }
  return job;
}

const LINE_CHARACTERS = 52;

/** Lines that the text takes in the column, from 6 to 16. */
const rowsFor = (text: string): number =>
  Math.min(
    16,
    Math.max(
      6,
      text
        .split("\n")
        .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE_CHARACTERS)), 0),
    ),
  );

export type TryItProps = {
  readonly modelName: string;
  readonly versionName: string;
  readonly contract: InputContract;
  readonly signature: ModelSignature;
  readonly goldenRequests: readonly unknown[];
  readonly mayTry: OpenAct;
  readonly quarantined: boolean;
};

/** One request, editable, run on this very version in a process of its own. */
export function TryIt(props: TryItProps) {
  const { modelName, versionName, mayTry, quarantined } = props;
  const id = useId();
  const [n, setN] = useState(0);
  const offered = offeredRequest(n, props);
  const [text, setText] = useState(offered?.text ?? '{"inputs": []}');
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = useMutation({
    mutationFn: (request: unknown) => run(modelName, versionName, request),
  });
  const closedBecause = quarantined
    ? "A quarantined version is not run again."
    : mayTry.closedBecause;
  const send = () => {
    const parsed = parseRequestText(text);
    setProblem(parsed.ok ? null : parsed.problem);
    if (parsed.ok) attempt.mutate(parsed.request);
    else document.getElementById(`${id}-request`)?.focus();
  };
  const another = () => {
    const next = offeredRequest(n + 1, props);
    setN(n + 1);
    setProblem(null);
    if (next !== null) setText(next.text);
  };
  return (
    <Section
      bare
      id="try"
      title="Try it"
      end={
        <span className="chips">
          <Button small onClick={another}>
            Another
          </Button>
          <Button
            small
            variant="primary"
            closed={closedBecause !== null || attempt.isPending}
            aria-describedby={closedBecause === null ? undefined : `${id}-closed`}
            onClick={send}
          >
            {attempt.isPending ? "Running" : "Run"}
          </Button>
        </span>
      }
    >
      <div className={problem === null ? "code" : "code field is-bad try-bad"}>
        <div className="code-head">
          <label htmlFor={`${id}-request`}>
            {n === 0 && offered === null
              ? "Too large to make an example of"
              : (offered?.caption ?? "")}
            ; edit it as you like
          </label>
        </div>
        <textarea
          id={`${id}-request`}
          className="code-edit"
          rows={rowsFor(text)}
          spellCheck={false}
          value={text}
          aria-invalid={problem === null ? undefined : true}
          aria-describedby={`${id}-request-error`}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <FieldError id={`${id}-request`} error={problem} />
      </div>
      {closedBecause === null ? null : (
        <p className="caption" id={`${id}-closed`}>
          {closedBecause}
        </p>
      )}
      {attempt.error instanceof ApiProblem ? (
        <ApiProblemSummary problem={attempt.error} fieldFor={() => `${id}-request`} />
      ) : attempt.error === null ? null : (
        <p className="small" role="alert">
          The answer could not be read. Reload the page and try again.
        </p>
      )}
      <div aria-live="polite">
        {attempt.data === undefined ? null : <TryAnswer job={attempt.data} />}
      </div>
      <p className="caption table-foot">
        Runs in an isolated process on a runtime; never counted as traffic. On an endpoint the
        contract is checked first.
      </p>
    </Section>
  );
}
