import Link from "next/link";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

type Outside = NonNullable<VersionView["outside"]>;

/** Where a version that the bundled runtime does not serve may answer requests, and what stands in the way. */
export function OutsideSection({ version, now }: { version: VersionView; now: string }) {
  const { outside } = version;
  if (outside === null) return null;
  return (
    <Section id="outside" title="On another server" caption="the bundled runtime does not serve this format">
      <p>
        <Status shape={outside.allowed ? "passed" : "failed"}>{outside.allowed ? "May be released" : "May not be released"}</Status> {outside.reason} {outside.hint}
      </p>
      <Facts
        facts={[
          { label: "Server", value: serverOf(outside) },
          ...(outside.codesToAccept === null ? [] : [{ label: "Accepted risk", value: <Acceptance outside={outside} now={now} /> }]),
        ]}
      />
      {outside.codesToAccept === null ? null : <AcceptForm version={version} outside={outside} codes={outside.codesToAccept} />}
    </Section>
  );
}

function serverOf({ target }: Outside) {
  if (target !== null) return `${target.name}, ${target.isIsolated ? "declared as isolated" : "not declared as isolated"}`;
  return (
    <>
      none; <Link href="/targets">put it on a target</Link>
    </>
  );
}

function Acceptance({ outside: { acceptance }, now }: { outside: Outside; now: string }) {
  if (acceptance === null) return "nobody has signed";
  return (
    <>
      {acceptance.signedName}, <Instant at={acceptance.signedAt} now={now} seconds={false} />, until <Instant at={acceptance.expiresAt} now={now} seconds={false} />: “
      {acceptance.statement}”{acceptance.codes.length === 0 ? "" : ` Covers ${acceptance.codes.join(", ")}.`}
    </>
  );
}

function AcceptForm({ version, outside, codes }: { version: VersionView; outside: Outside; codes: readonly string[] }) {
  if (!outside.mayAccept.open) return <p className="small">Signing is closed to you: {outside.mayAccept.closedBecause}</p>;
  const path = `/api/v1/models/${encodeURIComponent(version.modelName)}/versions/${encodeURIComponent(version.versionName)}/risk-acceptances`;
  return (
    <details className="field-more no-print">
      <summary>Accept the risk by your signature</summary>
      <p className="small">
        Your signature says that this pickle may run code on an isolated server. It holds for this digest
        {codes.length === 0 ? "" : ` and for ${codes.join(", ")}`}, for 90 days, and ends when a later reading finds something new.
      </p>
      <RecordForm
        id="accept-risk"
        path={path}
        button="Sign the acceptance"
        busy="Signing"
        signs={{ action: "accept-risk", digest: version.digest }}
        fields={[{ name: "reason", label: "What you looked at, and why it is bearable", kind: "area", rows: 3, hint: "At least 20 characters; kept in the audit trail." }]}
      />
    </details>
  );
}
