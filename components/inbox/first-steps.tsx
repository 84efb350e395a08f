"use client";

import Link from "next/link";
import { useState, useSyncExternalStore } from "react";
import { readMemory, writeMemory } from "#lib/client/browser-memory.ts";
import type { InboxView } from "#lib/contracts/views/inbox-view.ts";
import { Button } from "../ui/button.tsx";
import { BoxMark } from "../ui/mark.tsx";
import { Tag } from "../ui/tag.tsx";
import { useViewer } from "../shell/viewer-context.tsx";

const DISMISSED = "slipway.first-steps";

/** The six first acts of the demo. Each ticks itself from what really happened; the strip can be put away. */
export function FirstSteps({ steps }: { steps: NonNullable<InboxView["firstSteps"]> }) {
  const { viewer } = useViewer();
  const [justPutAway, setJustPutAway] = useState(false);
  const putAway = useSyncExternalStore(
    () => () => undefined,
    () => readMemory(DISMISSED) === "gone",
    () => false,
  );
  const done = steps.filter((step) => step.done).length;
  if (justPutAway || putAway) return null;
  return (
    <section className="first" aria-labelledby="first-steps">
      <div>
        <h2 id="first-steps">
          First steps <Tag>Demo</Tag>
        </h2>
        <p className="small">
          {done} of {steps.length} done. You are {viewer.roleLabels.join(", ") || "without a role"}{" "}
          here; models, traffic and numbers are real and run on this machine.{" "}
          <code>npm run demo:reset</code> starts the story again.
        </p>
        <Button
          variant="quiet"
          small
          onClick={() => {
            writeMemory(DISMISSED, "gone");
            setJustPutAway(true);
          }}
        >
          Put these away
        </Button>
      </div>
      <ol>
        {steps.map((step) => (
          <li key={step.key} className={step.done ? "is-done" : undefined}>
            <BoxMark checked={step.done} />
            <Link href={step.href} prefetch={false}>
              {step.title}
              {step.done ? <span className="vh">, done</span> : null}
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
