"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldMessage, postAct } from "#lib/client/api-client.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { serviceAccountsQuery } from "#lib/client/settings-queries.ts";
import { SERVICE_ROLES, createdTokenView, type ServiceAccountView } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";
import { useSettingsAct } from "./use-settings-act.ts";

type Props = {
  readonly accounts: readonly ServiceAccountView[];
  readonly mayManage: boolean;
  readonly asOf: string;
  readonly open: SettingsPlaces;
};

/** Accounts of programs: a training job, a pipeline. They hold no role that approves. */
export function ServiceAccountsPage({ accounts, mayManage, asOf, open }: Props) {
  const { data, error } = useQuery({ ...serviceAccountsQuery(), initialData: { accounts: [...accounts] } });
  const now = useServerNow(asOf);
  return (
    <SettingsFrame
      title="Service accounts"
      sub={`${formatCount(data.accounts.length, "account")} for programs. None can approve, and none signs in by password.`}
      asOf={asOf}
      open={open}
    >
      {error === null ? null : <p role="alert">{error.message}</p>}
      {data.accounts.length === 0 ? (
        <EmptyState title="No service account yet">
          A program that outlives the person who set it up gets an account of its own. Its acts stand in the audit trail under its name.
        </EmptyState>
      ) : (
        data.accounts.map((account) => <Account key={account.id} account={account} mayManage={mayManage} now={now} />)
      )}
      {mayManage ? (
        <Section id="new-service-account" title="New service account">
          <NewAccount />
        </Section>
      ) : (
        <p className="caption">Only an administrator makes service accounts and their tokens.</p>
      )}
    </SettingsFrame>
  );
}

function Account({ account, mayManage, now }: { account: ServiceAccountView; mayManage: boolean; now: string }) {
  const roles = account.grants.map(({ role, environment }) => (environment === null ? ROLE_LABELS[role] : `${ROLE_LABELS[role]} in ${environment}`));
  return (
    <Section
      id={`account-${account.id}`}
      title={account.name}
      caption={roles.join(", ")}
      end={account.disabledAt === null ? <Status shape="live">In force</Status> : <Status shape="retired">Ended</Status>}
    >
      {account.tokens.length === 0 ? <p className="caption">No token: it can do nothing yet.</p> : <Tokens account={account} mayManage={mayManage} now={now} />}
      {mayManage && account.disabledAt === null ? <AccountActs account={account} /> : null}
    </Section>
  );
}

function Tokens({ account, mayManage, now }: { account: ServiceAccountView; mayManage: boolean; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption className="vh">Tokens of {account.name}</caption>
        <thead>
          <tr>
            <th scope="col">Token</th>
            <th scope="col">Role and scopes</th>
            <th scope="col">From</th>
            <th scope="col">Expires</th>
            <th scope="col">Last used</th>
            <th scope="col">Act</th>
          </tr>
        </thead>
        <tbody>
          {account.tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row" className="first-th">
                {token.name}
                <small className="digest">{token.prefix}…</small>
              </th>
              <td data-label="Scopes">
                {token.role}: {token.scopes.join(", ")}
              </td>
              <td data-label="From">{token.allowedIps.length === 0 ? "Anywhere" : token.allowedIps.join(", ")}</td>
              <td data-label="Expires" className="nowrap">
                {token.revokedAt !== null ? "Revoked" : token.expiresAt === null ? "Never" : <Instant at={token.expiresAt} now={now} seconds={false} />}
              </td>
              <td data-label="Last used" className="nowrap">
                {token.lastUsedAt === null ? "Never" : <Instant at={token.lastUsedAt} now={now} seconds={false} />}
              </td>
              <td data-label="Act">{mayManage && token.revokedAt === null ? <Revoke id={token.id} name={token.name} /> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Revoke({ id, name }: { id: string; name: string }) {
  const act = useSettingsAct((_none: null, idempotencyKey) => postAct(`/api/v1/tokens/${id}/revoke`, {}, { idempotencyKey }));
  return (
    <>
      <Button small variant="danger" closed={act.pending} onClick={() => void act.send(null)}>
        Revoke<span className="vh"> {name}</span>
      </Button>
      <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
    </>
  );
}

/** A token for the account, shown once; and the end of the account. */
function AccountActs({ account }: { account: ServiceAccountView }) {
  const [name, setName] = useState("");
  const [token, setToken] = useState<string | null>(null);
  const role = SERVICE_ROLES.find((one) => account.grants.some((grant) => grant.role === one)) ?? "viewer";
  const scopes = role === "engineer" ? ["read", "register", "release", "rollback"] : role === "auditor" ? ["read", "audit"] : ["read"];
  const make = useSettingsAct(async (body: unknown, idempotencyKey) =>
    createdTokenView.parse(await postAct(`/api/v1/service-accounts/${account.id}/tokens`, body, { idempotencyKey })),
  );
  const end = useSettingsAct((_none: null, idempotencyKey) => postAct(`/api/v1/people/${account.id}/disable`, {}, { idempotencyKey }));
  const id = `token-of-${account.id}`;
  const error = fieldMessage(make.problem, "/name");
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make.send({ name, role, scopes, expiresInDays: 90 }).then((made) => {
          if (made !== null) setToken(made.token);
        });
      }}
    >
      <ApiProblemSummary problem={make.problem ?? end.problem} fieldFor={(pointer) => (pointer === "/name" ? id : null)} />
      <div className="row">
        <Field id={id} label={`New token for ${account.name}, 90 days`} error={error}>
          <TextInput id={id} maxLength={80} autoComplete="off" placeholder="Nightly pipeline" error={error} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Button type="submit" closed={make.pending}>
          Make token
        </Button>
        <Button variant="danger" closed={end.pending} onClick={() => void end.send(null)}>
          End account<span className="vh"> {account.name}</span>
        </Button>
      </div>
      {token === null ? null : <SecretOnce title={`API token of ${account.name}`} secret={token} say={`It may ${scopes.join(", ")}, as ${ROLE_LABELS[role]}.`} />}
    </form>
  );
}

function NewAccount() {
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>("engineer");
  const act = useSettingsAct((body: unknown, idempotencyKey) => postAct("/api/v1/service-accounts", body, { idempotencyKey }));
  const error = fieldMessage(act.problem, "/name");
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void act.send({ name, roles: [{ role }] }).then((made) => {
          if (made !== null) setName("");
        });
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => (pointer === "/name" ? "account-name" : null)} />
      <div className="row">
        <Field id="account-name" label="Which program it is for" error={error}>
          <TextInput id="account-name" maxLength={120} autoComplete="off" placeholder="Training pipeline" error={error} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field id="account-role" label="Role">
          <Select id="account-role" value={role} onChange={(event) => setRole(event.target.value)}>
            {SERVICE_ROLES.map((one) => (
              <option key={one} value={one}>
                {ROLE_LABELS[one]}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" variant="primary" closed={act.pending}>
          Make account
        </Button>
      </div>
    </form>
  );
}
