"use client";

import { useState } from "react";
import type { TargetRow } from "#lib/contracts/views/target-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { useAct } from "../shell/use-act.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";

/** Changes a server's address, time limit or credentials; folded away until it is wanted. */
export function ConnectionForm({ target }: { target: TargetRow }) {
  const [draft, setDraft] = useState({ url: target.url, managementUrl: target.managementUrl ?? "", timeoutMs: String(target.timeoutMs), token: "", reason: "" });
  const act = useAct(["endpoint"]);
  const id = `connection-${target.name}`;
  const submit = async (): Promise<void> => {
    const { url, managementUrl, timeoutMs, token, reason } = draft;
    const body = { url, managementUrl: managementUrl === "" ? null : managementUrl, timeoutMs: Number(timeoutMs), reason, ...(token === "" ? {} : { headers: { authorization: token } }) };
    if (await act.send(`/api/v1/targets/${encodeURIComponent(target.name)}/connection`, body, { method: "PUT" })) setDraft((now) => ({ ...now, token: "", reason: "" }));
  };
  const text = (field: keyof typeof draft, label: string, hint: string | undefined, more: { readonly type?: "url" | "password"; readonly inputMode?: "numeric" } = {}) => (
    <Field id={`${id}-${field === "token" ? "headers" : field}`} label={label} {...(hint === undefined ? {} : { hint })}>
      <TextInput
        id={`${id}-${field === "token" ? "headers" : field}`}
        hinted={hint !== undefined}
        spellCheck={false}
        autoComplete="off"
        value={draft[field]}
        onChange={(event) => {
          setDraft((now) => ({ ...now, [field]: event.target.value }));
        }}
        {...more}
      />
    </Field>
  );
  return (
    <details>
      <summary>Change how {target.name} is reached</summary>
      <form
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => `${id}${pointer.replace("/", "-")}`} />
        <p className="small">Runtimes try the new way with golden inputs beside the old one and change over when it answers. No request fails for it.</p>
        <div className="form-2">
          {text("url", "Address", undefined, { type: "url" })}
          {target.kind === "torchserve" ? text("managementUrl", "Address of its management API", undefined, { type: "url" }) : null}
          {text("timeoutMs", "Longest wait for an answer, ms", undefined, { inputMode: "numeric" })}
          {text("token", "New authorization header", "Left empty: as it is. Kept encrypted, never shown again.", { type: "password" })}
          {text("reason", "Reason", "Kept in the audit trail.")}
        </div>
        <div>
          <Button type="submit" closed={act.pending}>
            Change it
          </Button>
        </div>
      </form>
    </details>
  );
}
