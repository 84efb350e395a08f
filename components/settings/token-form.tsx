"use client";

import { useState } from "react";
import { fieldMessage, postAct } from "#lib/client/api-client.ts";
import { createdTokenView, MAX_TOKEN_DAYS } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS, SCOPES, type PersonRole, type Scope } from "#lib/domain/access/permissions.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Field, FieldError, Select, TextInput } from "../ui/field.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { useSettingsAct } from "./use-settings-act.ts";

const scopeWords: Readonly<Record<Exclude<Scope, "runtime">, string>> = {
  read: "Read everything but the audit trail",
  register: "Register models and versions",
  release: "Make and drive releases",
  approve: "Approve and reject",
  rollback: "Roll back and hold",
  audit: "Read and export the audit trail",
  admin: "Manage people, tokens, environments and runtimes",
  pin: "Choose which version answers inference requests",
};
const scopes = SCOPES.filter((scope) => scope !== "runtime");
const ids: Readonly<Record<string, string>> = {
  "/name": "token-name",
  "/scopes": "token-scopes",
  "/expiresInDays": "token-days",
  "/role": "token-role",
  "/allowedIps": "token-networks",
};

/** A token for oneself: name, one of one's roles, scopes, days. */
export function TokenForm({ roles }: { roles: readonly PersonRole[] }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>(roles[0] ?? "viewer");
  const [chosen, setChosen] = useState<readonly string[]>(["read"]);
  const [days, setDays] = useState("90");
  const [networks, setNetworks] = useState("");
  const [token, setToken] = useState<string | null>(null);
  const act = useSettingsAct(async (body: unknown, idempotencyKey) =>
    createdTokenView.parse(await postAct("/api/v1/tokens", body, { idempotencyKey })),
  );
  const send = async () => {
    const allowedIps = networks.split(/[\s,]+/).filter((network) => network !== "");
    const made = await act.send({ name, role, scopes: chosen, expiresInDays: Number(days), allowedIps });
    if (made === null) return;
    setToken(made.token);
    setName("");
  };
  const error = (pointer: string) => fieldMessage(act.problem, pointer);
  // Each network is a place of its own; the field shows the first that is wrong.
  const networkError = act.problem?.fields.find(({ pointer }) => pointer.startsWith("/allowedIps"))?.message ?? null;
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => ids[pointer] ?? null} />
      <Field id="token-name" label="What it is for" error={error("/name")}>
        <TextInput
          id="token-name"
          maxLength={80}
          autoComplete="off"
          placeholder="Training pipeline"
          error={error("/name")}
          value={name}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
      </Field>
      <fieldset className="field is-wide" id="token-scopes" tabIndex={-1}>
        <legend>Scopes</legend>
        {scopes.map((scope) => (
          <label className="choice" key={scope}>
            <input
              type="checkbox"
              checked={chosen.includes(scope)}
              onChange={(event) => {
                setChosen(
                  event.target.checked
                    ? [...chosen, scope]
                    : chosen.filter((known) => known !== scope),
                );
              }}
            />
            <span>
              <b>{scope}</b> {scopeWords[scope]}
            </span>
          </label>
        ))}
        <FieldError id="token-scopes" error={error("/scopes")} />
      </fieldset>
      <Field id="token-networks" label="Only from these networks, or empty for anywhere" error={networkError}>
        <TextInput
          id="token-networks"
          autoComplete="off"
          placeholder="10.0.0.0/8, 192.0.2.7"
          error={networkError}
          value={networks}
          onChange={(event) => {
            setNetworks(event.target.value);
          }}
        />
      </Field>
      <div className="row">
        <Field id="token-role" label="Role" error={error("/role")}>
          <Select
            id="token-role"
            error={error("/role")}
            value={role}
            onChange={(event) => {
              setRole(event.target.value);
            }}
          >
            {roles.map((own) => (
              <option key={own} value={own}>
                {ROLE_LABELS[own]}
              </option>
            ))}
          </Select>
        </Field>
        <Field id="token-days" label={`Days, 1 to ${String(MAX_TOKEN_DAYS)}`} error={error("/expiresInDays")}>
          <TextInput
            id="token-days"
            inputMode="numeric"
            error={error("/expiresInDays")}
            value={days}
            onChange={(event) => {
              setDays(event.target.value);
            }}
          />
        </Field>
        <Button type="submit" variant="primary" closed={act.pending}>
          {act.pending ? "Making" : "Make token"}
        </Button>
      </div>
      {token === null ? null : (
        <SecretOnce title="API token" secret={token} say="Keep it where your programs keep secrets." />
      )}
    </form>
  );
}
