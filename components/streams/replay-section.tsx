import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { streamArmsText } from "#lib/client/stream-words.ts";
import type { StreamReplay, StreamView } from "#lib/contracts/views/stream-view.ts";
import { Instant } from "../shell/instant.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";
import { Section } from "../ui/section.tsx";

/** The points that a stream can go back to, each with what would be answered again, before anything is done. */
export function ReplaySection({ view, now }: { view: StreamView; now: string }) {
  const closedBecause = view.mayRollBack.open ? null : view.mayRollBack.closedBecause;
  return (
    <Section id="replay" title="Roll back" caption="to the first record that was answered under an epoch of the route table">
      {view.rollback?.applied === true ? (
        <p className="small">
          Roll back {view.rollback.seq} is applied: {formatCount(view.rollback.partitions, "partition")} went back.
        </p>
      ) : null}
      {view.replays.length === 0 ? (
        <p className="small">No record has been answered yet: there is no point to go back to.</p>
      ) : (
        <>
          <p className="small">
            Answers that were written stay in {view.stream.outputTopic}; the new ones come after them with a higher <code>slipway-epoch</code>.
            Take the weight from a bad version first.
          </p>
          {closedBecause === null ? null : <p className="caption closed-note">{closedBecause}</p>}
          <ul className="plain-list replay-list">
            {view.replays.map((replay) => (
              <li key={replay.epoch}>
                <ReplayPoint view={view} replay={replay} closedBecause={closedBecause} now={now} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

type ReplayPointProps = { readonly view: StreamView; readonly replay: StreamReplay; readonly closedBecause: string | null; readonly now: string };

function ReplayPoint({ view, replay, closedBecause, now }: ReplayPointProps) {
  const { name } = view.stream;
  const { epoch, records, ranges } = replay;
  const what = `${formatCount(records, "record")} of ${formatCount(ranges.length, "partition")}`;
  return (
    <>
      <div className="replay-head">
        <p>
          <b>Epoch {epoch}</b>, {replay.arms.length === 0 ? "nothing had weight" : streamArmsText(replay.arms)}
          <small>
            first record answered <Instant at={replay.recordedAt} now={now} />
          </small>
        </p>
        {records === 0 ? (
          <span className="small">Nothing to answer again.</span>
        ) : (
          <ReasonAct
            small
            variant="danger"
            label={`Roll back to epoch ${String(epoch)}`}
            title={`Roll ${name} back to epoch ${String(epoch)}`}
            topics={["stream"]}
            path={`/api/v1/streams/${name}/rollback`}
            body={{ epoch }}
            closedBecause={closedBecause}
            details={<RangeTable epoch={epoch} ranges={ranges} />}
          >
            {what} are answered again by what has weight now: {view.arms.length === 0 ? "nothing yet, so they wait" : streamArmsText(view.arms)}. Records that come
            meanwhile are answered after them.
          </ReasonAct>
        )}
      </div>
      {records === 0 ? null : (
        <details className="field-more">
          <summary>{what}, partition by partition</summary>
          <RangeTable epoch={epoch} ranges={ranges} />
        </details>
      )}
    </>
  );
}

function RangeTable({ epoch, ranges }: Pick<StreamReplay, "epoch" | "ranges">) {
  return (
    <div className="table-wrap range-table" tabIndex={0} role="region" aria-label={`Records since epoch ${String(epoch)}`}>
      <table className="table table-compact">
        <caption>From the first record that is answered again to the one before the first that was not answered yet.</caption>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" className="n">From</th>
            <th scope="col" className="n">To</th>
            <th scope="col" className="n">Records</th>
          </tr>
        </thead>
        <tbody>
          {ranges.map(({ partition, from, to, count }) => (
            <tr key={partition}>
              <th scope="row">{partition}</th>
              <td className="n">{formatNumber(from)}</td>
              <td className="n">{formatNumber(to - 1)}</td>
              <td className="n">{formatNumber(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
