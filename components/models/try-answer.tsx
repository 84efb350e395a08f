import { z } from "zod";
import { formatMs, formatNumber } from "#lib/client/format-number.ts";
import type { tryVersion } from "#lib/contracts/api/registry-operations.ts";
import { Status } from "../ui/status.tsx";

export type TryJob = z.output<typeof tryVersion.response>;

const answered = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.array(z.unknown()),
    }),
  ),
});

const SHOWN_VALUES = 12;

const shown = (value: unknown): string =>
  typeof value === "number"
    ? Number.isInteger(value)
      ? String(value).replace("-", "\u2212")
      : formatNumber(value, 4)
    : String(value);

/** What came out: each output tensor with its values, and how long it took; or why nothing did. */
export function TryAnswer({ job }: { job: TryJob }) {
  if (job.state === "waiting") {
    return (
      <p className="small try-answer">
        <Status shape="scheduled">Waiting</Status> No runtime has taken it yet. Run it again when
        one is connected.
      </p>
    );
  }
  if (job.state === "failed") {
    return (
      <p className="small try-answer">
        <Status shape="failed">Failed</Status> {job.problem ?? "The runtime gave no reason."}
      </p>
    );
  }
  const parsed = answered.safeParse(job.outputs[0]);
  return (
    <>
      <dl className="answer">
        {parsed.success ? (
          parsed.data.outputs.map((output) => (
            <div key={output.name}>
              <dt>
                {output.name}{" "}
                <span className="muted">
                  {output.datatype} [{output.shape.join(", ")}]
                </span>
              </dt>
              <dd className="cand">
                {output.data.slice(0, SHOWN_VALUES).map(shown).join(", ")}
                {output.data.length > SHOWN_VALUES
                  ? ` and ${formatNumber(output.data.length - SHOWN_VALUES)} more`
                  : ""}
              </dd>
            </div>
          ))
        ) : (
          <div>
            <dt>Answer</dt>
            <dd>{JSON.stringify(job.outputs[0] ?? null).slice(0, 500)}</dd>
          </div>
        )}
        <div>
          <dt>Time, the queue included</dt>
          <dd>{job.tookMs === null ? "not known" : formatMs(job.tookMs)}</dd>
        </div>
      </dl>
    </>
  );
}
