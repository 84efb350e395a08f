import { formatNumber, formatPercentNumber } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Section } from "../ui/section.tsx";
import { guardStatus } from "#lib/client/release-status.ts";
import { Status } from "../ui/status.tsx";

/** After promotion: the live rates against stable's from before the release. */
export function BakeSection({ release }: { release: ReleaseView }) {
  const { bake } = release;
  if (bake.startedAt === null || bake.guards.length === 0) return null;
  return (
    <Section
      id="bake"
      title="Bake"
      caption={`${formatDuration(bake.seconds)}; held against the rates before the release, because nothing runs beside it any more`}
    >
      <div className="table-wrap">
        <table className="table is-cards">
          <caption>
            Limits are wider than in the steps: without a second arm a bad day looks like a bad
            version.
          </caption>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className="n">
                Now, %
              </th>
              <th scope="col" className="n">
                Before, %
              </th>
              <th scope="col" className="n">
                Limit, %
              </th>
              <th scope="col" className="n">
                Events of
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {bake.guards.map((guard) => {
              const status = guardStatus(guard.word);
              return (
                <tr key={guard.metric}>
                  <th scope="row" className="first-th">
                    {guard.name} <small>{guard.unitNote}</small>
                  </th>
                  <td className="n cand" data-label="Now, %">
                    {percent(guard.rate)}
                  </td>
                  <td className="n" data-label="Before, %">
                    {percent(guard.referenceRate)}
                  </td>
                  <td className="n" data-label="Limit, %">
                    {percent(guard.limitRate)}
                  </td>
                  <td className="n" data-label="Events of">
                    {formatNumber(guard.bad)} of {formatNumber(guard.of)}
                  </td>
                  <td className="v-cell">
                    <Status shape={status.shape}>{status.word}</Status>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function percent(rate: number | null): string {
  return rate === null ? "none" : formatPercentNumber(rate);
}
