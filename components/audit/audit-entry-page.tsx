"use client";

import { useRouter } from "next/navigation";
import { entryNumber, reasonOf } from "#lib/client/audit-words.ts";
import type { AuditEventView, AuditListView } from "#lib/contracts/audit-api.ts";
import { Instant } from "../shell/instant.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { ActorName } from "./actor-mark.tsx";
import { EntryDetails } from "./entry-details.tsx";

/** One entry, under an address that stays. */
export function AuditEntryPage({
  event,
  trail,
  asOf,
}: {
  event: AuditEventView;
  trail: AuditListView["trail"];
  asOf: string;
}) {
  const router = useRouter();
  const now = useServerNow(asOf);
  const before = event.seq > 0 ? `/audit/${String(event.seq - 1)}` : null;
  const after = event.seq + 1 < trail.size ? `/audit/${String(event.seq + 1)}` : null;
  useShortcuts([
    { keys: "[", does: "Entry before", run: () => before !== null && router.push(before) },
    { keys: "]", does: "Entry after", run: () => after !== null && router.push(after) },
  ]);
  return (
    <>
      <Strip
        crumbs={[{ href: "/audit", label: "Audit" }, { label: entryNumber(event.seq) }]}
        asOf={asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            {event.label}, entry {entryNumber(event.seq)}
          </h1>
          <p className="sub">
            <ActorName actor={event.actor} />, <Instant at={event.occurredAt} now={now} />
          </p>
          <p className="page-say">{reasonOf(event)}</p>
        </div>
        <div className="actionbar-wrap">
          <div className="actionbar">
            {before === null ? null : <ButtonLink href={before}>Entry before</ButtonLink>}
            {after === null ? null : <ButtonLink href={after}>Entry after</ButtonLink>}
          </div>
        </div>
      </div>
      <div className="audit-alone">
        <EntryDetails event={event} vkey={trail.vkey} now={now} alone />
      </div>
      <KeyHints
        hints={[
          { keys: ["["], does: "entry before" },
          { keys: ["]"], does: "entry after" },
        ]}
      />
    </>
  );
}
