"use client";

import type { z } from "zod";
import { ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import type { delegationView, signingRulesView } from "#lib/contracts/signing-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Button } from "../ui/button.tsx";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { usePost } from "../shell/use-post.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

type Rules = z.output<typeof signingRulesView>;
type Delegation = z.output<typeof delegationView>;

export type SigningPageProps = {
  readonly rules: Rules;
  readonly delegations: readonly Delegation[];
  readonly asOf: string;
  readonly viewerName: string;
  /** Roles that the viewer holds and may hand on. */
  readonly mine: readonly string[];
  readonly mayManage: boolean;
  readonly open: SettingsPlaces;
};

const roleWord = (role: string): string => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : role);

/** How strictly this installation signs, and who signs in whose place. */
export function SigningPage({ rules, delegations, asOf, viewerName, mine, mayManage, open }: SigningPageProps) {
  return (
    <SettingsFrame
      title="Signing"
      sub={`${rules.part11 ? "Every signature asks for the password at that moment." : "People sign by being signed in."} ${
        rules.smallTeam ? "A small team may approve its own work, and the record says that independence was not met." : "Nobody approves their own work."
      }`}
      asOf={asOf}
      open={open}
    >
      <Section id="signing-rules" title="Rules" caption={rules.changedBy === null ? "as delivered" : <>changed by {rules.changedBy}, <Instant at={rules.changedAt} now={asOf} seconds={false} /></>}>
        <Facts
          facts={[
            {
              label: "21 CFR Part 11 mode",
              value: <Status shape={rules.part11 ? "passed" : "draft"}>{rules.part11 ? "On: password at each signature, no token signs" : "Off"}</Status>,
            },
            {
              label: "Small-team mode",
              value: (
                <Status shape={rules.smallTeam ? "undecided" : "draft"}>
                  {rules.smallTeam ? "On: with too few independent people, authors may sign; approval, release page and manifest say so" : "Off: a release waits until enough independent people have signed"}
                </Status>
              ),
            },
          ]}
        />
        {mayManage ? (
          <details className="field-more">
            <summary>Change the rules</summary>
            <RulesForm rules={rules} />
          </details>
        ) : (
          <p className="caption">Administrators change these rules; every change is in the audit trail with its reason.</p>
        )}
      </Section>
      <Section id="delegations" title="Delegations" caption="who signs in whose place, at most 30 days">
        {delegations.length === 0 ? (
          <EmptyState heading="h3" title="Nobody signs in the place of another.">
            A delegate signs with their own name; the signature says in whose place. They are as independent as they are themselves.
          </EmptyState>
        ) : (
          <DelegationTable delegations={delegations} now={asOf} viewerName={viewerName} />
        )}
      </Section>
      {mine.length === 0 ? null : (
        <Section id="delegate" title="Let somebody sign in your place">
          <RecordForm
            id="delegate"
            path="/api/v1/signing/delegations"
            button="Delegate"
            busy="Delegating"
            fields={[
              { name: "to", label: "E-mail of the person", kind: "text" },
              { name: "role", label: "Role they sign in", kind: "select", initial: mine[0] ?? "", options: mine.map((role) => ({ value: role, label: roleWord(role) })) },
              { name: "endsAt", label: "Until", kind: "time" },
              { name: "reason", label: "Reason", kind: "area", rows: 2, hint: "Kept in the audit trail." },
            ]}
          />
        </Section>
      )}
    </SettingsFrame>
  );
}

function RulesForm({ rules }: { rules: Rules }) {
  const choices = [
    { value: "on", label: "On" },
    { value: "off", label: "Off" },
  ];
  const { send, pending, problem } = usePost();
  const set = (change: Partial<Pick<Rules, "part11" | "smallTeam">>, reason: string) => send("/api/v1/signing/rules", { part11: rules.part11, smallTeam: rules.smallTeam, ...change, reason });
  return (
    <form
      className="record-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        void set({ part11: data.get("part11") === "on", smallTeam: data.get("smallTeam") === "on" }, String(data.get("reason") ?? ""));
      }}
    >
      <ApiProblemSummary problem={problem} fieldFor={(pointer) => (pointer === "/reason" ? "rules-reason" : null)} />
      {(["part11", "smallTeam"] as const).map((name) => (
        <div className="field" key={name}>
          <label htmlFor={`rules-${name}`}>{name === "part11" ? "21 CFR Part 11 mode" : "Small-team mode"}</label>
          <select id={`rules-${name}`} name={name} defaultValue={rules[name] ? "on" : "off"}>
            {choices.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      ))}
      <div className="field is-wide">
        <label htmlFor="rules-reason">Reason</label>
        <textarea id="rules-reason" name="reason" rows={2} aria-describedby="rules-reason-hint" />
        <span className="hint" id="rules-reason-hint">
          At least 10 characters. Signatures that were made before stay as they are.
        </span>
      </div>
      <div className="chips">
        <Button type="submit" variant="primary" closed={pending}>
          {pending ? "Changing" : "Change the rules"}
        </Button>
      </div>
    </form>
  );
}

function standingOf({ revokedAt, startsAt, endsAt }: Delegation, now: string) {
  if (revokedAt !== null) return { shape: "retired", word: "Ended" } as const;
  if (endsAt <= now) return { shape: "retired", word: "Over" } as const;
  return startsAt > now ? ({ shape: "scheduled", word: "Begins later" } as const) : ({ shape: "live", word: "In force" } as const);
}

function DelegationTable({ delegations, now, viewerName }: { delegations: readonly Delegation[]; now: string; viewerName: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact top is-cards">
        <thead>
          <tr>
            <th scope="col">Who signs</th>
            <th scope="col">In the place of</th>
            <th scope="col">Until</th>
            <th scope="col">Reason</th>
            <th scope="col">Standing</th>
          </tr>
        </thead>
        <tbody>
          {delegations.map((one) => {
            const { shape, word } = standingOf(one, now);
            const isOpen = word === "In force" || word === "Begins later";
            return (
              <tr key={one.id}>
                <th scope="row" className="first-th wide">
                  {one.to}
                  <small>as {roleWord(one.role)}</small>
                </th>
                <td data-label="In the place of">{one.from}</td>
                <td data-label="Until">
                  <Instant at={one.endsAt} now={now} seconds={false} />
                </td>
                <td data-label="Reason" className="wide">
                  {one.reason}
                </td>
                <td data-label="Standing" className="wide">
                  <Status shape={shape}>{word}</Status>
                  {isOpen && (one.from === viewerName || one.to === viewerName) ? <EndDelegation id={one.id} about={one.to} /> : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function EndDelegation({ id, about }: { id: string; about: string }) {
  const { send, pending, problem } = usePost();
  return (
    <>
      <ApiProblemSummary problem={problem} fieldFor={() => null} />
      <Button small closed={pending} onClick={() => void send(`/api/v1/signing/delegations/${id}/revoke`, {})}>
        End it<span className="vh"> for {about}</span>
      </Button>
    </>
  );
}
