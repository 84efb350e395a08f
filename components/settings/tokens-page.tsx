"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { postAct } from "#lib/client/api-client.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { tokensQuery } from "#lib/client/settings-queries.ts";
import type { TokenView } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS, isPersonRole, type PersonRole } from "#lib/domain/access/permissions.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";
import { TokenForm } from "./token-form.tsx";
import { useSettingsAct } from "./use-settings-act.ts";

/** Tokens for programs: one's own, or everybody's for who manages them. */
export function TokensPage({
  tokens,
  roles,
  mayManage,
  asOf,
  open,
}: {
  tokens: readonly TokenView[];
  /** The viewer's own: a token has one of them. */
  roles: readonly PersonRole[];
  mayManage: boolean;
  asOf: string;
  open: SettingsPlaces;
}) {
  const { data, error } = useQuery({ ...tokensQuery(), initialData: { tokens: [...tokens] } });
  const now = useServerNow(asOf);
  return (
    <SettingsFrame
      title="API tokens"
      sub={`${formatCount(data.tokens.length, "token")}. A token does at most what its role and its scopes both allow.`}
      asOf={asOf}
      open={open}
    >
      {error === null ? null : <p role="alert">{error.message}</p>}
      {data.tokens.length === 0 ? (
        <EmptyState title="No token yet" command="slipway token create --help">
          You will see each token with its scopes, its expiry and when it was last used.
        </EmptyState>
      ) : (
        <TokenTable tokens={data.tokens} mayManage={mayManage} now={now} />
      )}
      <p className="caption">
        What a token can do: the <Link href="/docs/api" prefetch={false}>API reference</Link>, with examples that carry names you have here.
      </p>
      <Section id="new-token" title="New token" caption="for yourself, shown once">
        <TokenForm roles={roles} />
      </Section>
    </SettingsFrame>
  );
}

function TokenTable({
  tokens,
  mayManage,
  now,
}: {
  tokens: readonly TokenView[];
  mayManage: boolean;
  now: string;
}) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>Only the first characters of a token are kept readable.</caption>
        <thead>
          <tr>
            <th scope="col">Token</th>
            <th scope="col">Owner and role</th>
            <th scope="col">Scopes</th>
            <th scope="col">State</th>
            <th scope="col">Expires</th>
            <th scope="col">Last used</th>
            <th scope="col">Act</th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row" className="first-th">
                {token.name}
                <small className="digest">{token.prefix}…</small>
              </th>
              <td data-label="Owner">
                {token.owner ?? "Nobody"}
                <small>{isPersonRole(token.role) ? ROLE_LABELS[token.role] : token.role}</small>
              </td>
              <td data-label="Scopes">
                {token.scopes.join(", ")}
                {token.allowedIps.length === 0 ? null : <small>only from {token.allowedIps.join(", ")}</small>}
              </td>
              <td className="v-cell">
                <TokenState token={token} now={now} />
              </td>
              <td data-label="Expires" className="nowrap">
                {token.expiresAt === null ? "Never" : <Instant at={token.expiresAt} now={now} seconds={false} />}
              </td>
              <td data-label="Last used" className="nowrap">
                {token.lastUsedAt === null ? "Never" : <Instant at={token.lastUsedAt} now={now} seconds={false} />}
              </td>
              <td data-label="Act">
                <RevokeToken token={token} mayManage={mayManage} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TokenState({ token, now }: { token: TokenView; now: string }) {
  if (token.revokedAt !== null) return <Status shape="retired">Revoked</Status>;
  if (token.expiresAt !== null && token.expiresAt <= now) return <Status shape="retired">Expired</Status>;
  return <Status shape="live">In force</Status>;
}

function RevokeToken({ token, mayManage }: { token: TokenView; mayManage: boolean }) {
  const act = useSettingsAct((_none: null, idempotencyKey) =>
    postAct(`/api/v1/tokens/${token.id}/revoke`, {}, { idempotencyKey }),
  );
  if (token.revokedAt !== null) return null;
  if (!token.isMine && !mayManage)
    return <span className="caption">Its owner or an administrator revokes it.</span>;
  return (
    <>
      <Button small variant="danger" closed={act.pending} onClick={() => void act.send(null)}>
        Revoke<span className="vh"> {token.name}</span>
      </Button>
      <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
    </>
  );
}
