"use client";

import { useMutation } from "@tanstack/react-query";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { dryRunView, type DryRunView } from "#lib/contracts/views/dry-run-view.ts";
import { ActProblem } from "../shell/act-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

const STANDING = {
  stops: { shape: "awaiting", word: "Stops here" },
  waits: { shape: "running", word: "Waits" },
  goes: { shape: "passed", word: "Goes on" },
} as const;

/** What would happen if the form were sent now: asked of the server with the form's own request, which keeps nothing of it. */
export function DryRunSection({ body, isReady, closed }: { body: object; isReady: boolean; closed: boolean }) {
  const asked = JSON.stringify(body);
  const { mutate, data, error, isPending, variables } = useMutation({
    mutationFn: async (text: string) =>
      dryRunView.parse(await postAct("/api/v1/releases/dry-run", JSON.parse(text), { idempotencyKey: newIdempotencyKey() })),
  });
  return (
    <Section id="dry-run" title="What would happen now" caption="makes nothing, tells nobody">
      <div className="form-stack" aria-busy={isPending}>
        <Button
          type="button"
          closed={closed || !isReady || isPending}
          onClick={() => {
            mutate(asked);
          }}
        >
          {isPending ? "Looking" : "Look ahead"}
        </Button>
        {isReady ? null : <p className="small">Choose a version first.</p>}
        <ActProblem problem={error instanceof ApiProblem ? error : null} />
        {data === undefined ? null : <Found found={data} isOld={variables !== asked} />}
      </div>
    </Section>
  );
}

function Found({ found, isOld }: { found: DryRunView; isOld: boolean }) {
  return (
    <div role="status" className="form-stack">
      <p className="lede">{found.sentence}</p>
      {isOld ? <p className="small">The form was changed since. Ask again.</p> : null}
      {found.supersedesNumber === null ? null : <p className="small">Release {found.supersedesNumber} would end first.</p>}
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Point</th>
              <th scope="col">Now</th>
              <th scope="col">What it meets</th>
            </tr>
          </thead>
          <tbody>
            {found.lines.map((line, index) => (
              <tr key={`${line.stage}-${String(index)}`}>
                <th scope="row" className="first-th">
                  {line.title}
                </th>
                <td data-label="Now">
                  <Status shape={STANDING[line.standing].shape}>{STANDING[line.standing].word}</Status>
                </td>
                <td className="wide">{line.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.triggers.map(({ text, firings, intervals, hours }) => (
        <p className="small" key={text}>
          {text}{" "}
          {intervals === 0
            ? "Too little was served here lately to say how often it would have fired."
            : `It would have fired ${String(firings)} time${firings === 1 ? "" : "s"} in the live version's last ${String(hours)} h.`}
        </p>
      ))}
    </div>
  );
}
