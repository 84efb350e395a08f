"use client";

import { useQueryState, parseAsString } from "nuqs";
import { useState } from "react";
import { formatUtc } from "#lib/client/format-time.ts";
import { instantOfLocal, localOfInstant } from "#lib/client/local-time.ts";
import { armsText } from "#lib/client/registry-words.ts";
import type { EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button } from "../ui/button.tsx";
import { FieldError } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";

/** "What was live at ...": a moment in the reader's zone, kept in the address. */
export function ThenSection({ view, now }: { view: EndpointView; now: string }) {
  const timeZone = useTimeZone();
  const [at, setAt] = useQueryState("at", parseAsString);
  const [text, setText] = useState(at === null ? "" : localOfInstant(at, timeZone));
  const [error, setError] = useState<string | null>(null);
  const ask = () => {
    const instant = instantOfLocal(text, timeZone);
    const isPast = instant !== null && instant <= now;
    setError(
      instant === null ? "Give a date and a time." : isPast ? null : "That is not past yet.",
    );
    if (isPast) void setAt(instant);
  };
  return (
    <Section id="then" title="What was live at" caption="from the record, for any past moment">
      <form
        className="then-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <div className={error === null ? "field" : "field is-bad"}>
          <label htmlFor="then-at">Moment, {timeZone}</label>
          <input
            id="then-at"
            className="input"
            type="datetime-local"
            step={1}
            max={localOfInstant(now, timeZone)}
            value={text}
            aria-invalid={error === null ? undefined : true}
            aria-describedby="then-at-error"
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
          <FieldError id="then-at" error={error} />
        </div>
        <Button type="submit">Show</Button>
        {at === null ? null : (
          <Button
            variant="quiet"
            onClick={() => {
              setText("");
              setError(null);
              void setAt(null);
            }}
          >
            Back to now
          </Button>
        )}
      </form>
      <div aria-live="polite">
        {view.then === null ? null : <ThenAnswer then={view.then} now={now} />}
      </div>
    </Section>
  );
}

function ThenAnswer({ then, now }: { then: NonNullable<EndpointView["then"]>; now: string }) {
  return (
    <div className="then-answer">
      <p>
        <b>
          <Instant at={then.at} now={now} />
        </b>{" "}
        <span className="caption">({formatUtc(then.at)})</span>
      </p>
      {then.route === null ? (
        <p>Nothing was routed here then.</p>
      ) : (
        <>
          <p>
            {armsText(then.route.arms)}, by the table of epoch {then.route.epoch}, in force since{" "}
            <Instant at={then.route.at} now={now} /> ({then.route.causeText.toLowerCase()},{" "}
            {then.route.by}).
          </p>
          <ul className="small">
            {then.deployments.map((row) => (
              <li key={row.deploymentId}>
                {row.versionName} was here since <Instant at={row.startedAt} now={now} />, put by{" "}
                {row.startedBy}
                {row.endedAt === null ? (
                  ", and still is."
                ) : (
                  <>
                    , until <Instant at={row.endedAt} now={now} />.
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
