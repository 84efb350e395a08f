"use client";

import type { ApprovalView, ChecklistPhaseView } from "#lib/contracts/views/release-parts.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Digest } from "../ui/digest.tsx";
import { BoxMark } from "../ui/mark.tsx";
import { Section } from "../ui/section.tsx";

/** Who signed what, bound to which digest. Voided statements stay, struck through, with their cause. */
export function ApprovalsSection({ release, now }: { release: ReleaseView; now: string }) {
  const { approvals } = release;
  const counts =
    approvals.required === 0
      ? "none needed here"
      : `${String(approvals.given)} of ${String(approvals.required)}`;
  return (
    <Section
      id="approvals"
      title="Approvals"
      caption={
        <>
          {counts}
          {approvals.boundDigest === null ? null : (
            <>
              , bound to plan and evidence <Digest value={approvals.boundDigest} characters={12} />
            </>
          )}
        </>
      }
    >
      {approvals.independence === null ? null : <p className="small">{approvals.independence}</p>}
      {approvals.rolesNeeded.length === 0 ? null : (
        <p className="small">Each of these roles must be among them: {approvals.rolesNeeded.join(", ")}.</p>
      )}
      {approvals.rows.length === 0 ? (
        <p className="small">
          Nobody has signed yet. An approval is a statement with a reason; it is void as soon as
          artifact, plan, guards or evidence change.
          {approvals.expiresAt === null ? null : (
            <>
              {" "}
              The request expires <Instant at={approvals.expiresAt} now={now} seconds={false} />.
            </>
          )}
        </p>
      ) : (
        <table className="table is-cards">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Meaning and reason</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {approvals.rows.map((row) => (
              <ApprovalRow key={row.approvalId} row={row} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function ApprovalRow({ row, now }: { row: ApprovalView; now: string }) {
  const isVoid = row.voidedAt !== null;
  const statement = `${row.decision === "rejected" ? "Rejected: " : ""}${row.meaning}`;
  return (
    <tr className={isVoid ? "is-void" : undefined}>
      <th scope="row" className="wide">
        {row.by.name}
        {row.by.role === null ? null : <small>{row.by.role}</small>}
        {row.onBehalfOf === null ? null : <small>in the place of {row.onBehalfOf}</small>}
        {row.isIndependent ? null : <small>made the version or the release: independence not met</small>}
        <small>signed by {row.method.replaceAll("_", " ")}</small>
      </th>
      <td className="wide keep">
        {isVoid ? <s>{statement}</s> : statement}{" "}
        {isVoid ? <>Void: {row.voidReason}</> : <>“{row.reason}”</>}
      </td>
      <td className="nowrap wide">
        <Instant at={row.signedAt} now={now} seconds={false} />
      </td>
    </tr>
  );
}

/** The standard items by phase, each derived from evidence. Nothing here can be ticked by hand. */
export function ChecklistSection({ release }: { release: ReleaseView }) {
  const { checklist } = release;
  return (
    <Section
      id="checklist"
      title="Checklist"
      caption={`${String(checklist.met)} of ${String(checklist.total)}, derived from evidence`}
    >
      <ul className="checklist">
        {checklist.phases.map((phase) => (
          <Phase key={phase.phase} phase={phase} />
        ))}
      </ul>
    </Section>
  );
}

const stateWords = {
  met: "met",
  open: "open",
  failed: "failed",
  stale: "stale",
  waived: "waived",
  not_applicable: "not applicable",
} as const;

function Phase({ phase }: { phase: ChecklistPhaseView }) {
  return (
    <li>
      <details>
        <summary>
          <b>{phase.phase}</b>
          <span className="num">
            {phase.met} of {phase.total}
          </span>
          <span className="small">{phase.note}</span>
        </summary>
        <ul>
          {phase.items.map((item) => (
            <li key={item.code}>
              <BoxMark checked={item.state === "met"} />
              <span>
                {item.title}: <b>{stateWords[item.state]}</b>.{" "}
                <span className="small">{item.note}</span>
              </span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}
