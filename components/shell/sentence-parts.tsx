"use client";

import { Fragment } from "react";
import type { Sentence } from "#lib/contracts/views/view-parts.ts";
import { Instant } from "./instant.tsx";

/** A typed sentence: strong parts bold, the cause of a wait underlined, times in the reader's zone. */
export function SentenceParts({ sentence, now }: { sentence: Sentence; now: string }) {
  return (
    <>
      {sentence.map((part, index) => (
        <Fragment key={index}>
          {part.as === "time" ? (
            <Instant at={part.at} now={now} />
          ) : part.as === "strong" ? (
            <b>{part.text}</b>
          ) : part.as === "cause" ? (
            <span className="why">{part.text}</span>
          ) : (
            part.text
          )}
        </Fragment>
      ))}
    </>
  );
}
