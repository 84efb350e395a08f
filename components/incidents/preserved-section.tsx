"use client";

import type { IncidentView } from "#lib/contracts/incident-api.ts";
import { Instant } from "../shell/instant.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

/** What was kept before an act changed it. */
export function PreservedSection({ view, now }: { view: IncidentView; now: string }) {
  return (
    <Section id="preserved" title="Evidence preserved" caption="before the act that changed it, on hold">
      {view.preserved.length === 0 ? (
        <p className="small">
          Nothing was preserved automatically: no release was rolled back here. A roll back keeps digests, configuration, weights, windows and the range of the trail before it acts.
        </p>
      ) : (
        view.preserved.map((kept) => (
          <div key={kept.id}>
            <p>
              {kept.cause}, <Instant at={kept.takenAt} now={now} />{" "}
              <Status shape={kept.releasedAt === null ? "passed" : "draft"}>{kept.releasedAt === null ? "On hold" : "Hold released"}</Status>
            </p>
            <p className="caption">
              <span className="digest digest-whole">{kept.digest}</span>
            </p>
            <details className="field-more">
              <summary>What was kept</summary>
              <CodeBlock title="Preserved evidence" code={JSON.stringify(kept.content, null, 2)} />
            </details>
          </div>
        ))
      )}
    </Section>
  );
}
