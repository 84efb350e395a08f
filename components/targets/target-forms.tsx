"use client";

import { useState } from "react";
import type { TargetRow } from "#lib/contracts/views/target-view.ts";
import { TARGET_FACTS, TARGET_KINDS, type TargetKind } from "#lib/domain/serving/target-kinds.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { useAct } from "../shell/use-act.ts";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";

const isKind = (text: string): text is TargetKind => TARGET_KINDS.some((kind) => kind === text);

/** Names a server: its kind, where it is, and a header with its credentials. */
export function TargetForm({ environments }: { environments: readonly string[] }) {
  const [draft, setDraft] = useState({ name: "", environment: environments[0] ?? "", kind: "oip_http" as TargetKind, url: "", managementUrl: "", token: "", isIsolated: false });
  const act = useAct(["endpoint"]);
  const set = (change: Partial<typeof draft>): void => {
    setDraft((now) => ({ ...now, ...change }));
  };
  const submit = async (): Promise<void> => {
    const { token, managementUrl, ...rest } = draft;
    const body = { ...rest, ...(managementUrl === "" ? {} : { managementUrl }), ...(token === "" ? {} : { headers: { authorization: token } }) };
    if (await act.send("/api/v1/targets", body)) set({ name: "", url: "", managementUrl: "", token: "", isIsolated: false });
  };
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => `target${pointer.replace("/", "-")}`} />
      <div className="form-2">
        <Field id="target-name" label="Name">
          <TextInput id="target-name" spellCheck={false} autoComplete="off" maxLength={63} value={draft.name} onChange={(event) => { set({ name: event.target.value }); }} />
        </Field>
        <Field id="target-environment" label="Environment">
          <Select id="target-environment" value={draft.environment} onChange={(event) => { set({ environment: event.target.value }); }}>
            {environments.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
        <Field id="target-kind" label="Kind" hint={TARGET_FACTS[draft.kind].limits}>
          <Select
            id="target-kind"
            hinted
            value={draft.kind}
            onChange={(event) => {
              if (isKind(event.target.value)) set({ kind: event.target.value });
            }}
          >
            {TARGET_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {TARGET_FACTS[kind].label}
              </option>
            ))}
          </Select>
        </Field>
        <Field id="target-url" label="Address" hint="As runtimes and this control plane reach it.">
          <TextInput id="target-url" hinted type="url" spellCheck={false} placeholder="http://triton:8000" value={draft.url} onChange={(event) => { set({ url: event.target.value }); }} />
        </Field>
        {draft.kind === "torchserve" ? (
          <Field id="target-managementUrl" label="Address of its management API">
            <TextInput id="target-managementUrl" type="url" spellCheck={false} value={draft.managementUrl} onChange={(event) => { set({ managementUrl: event.target.value }); }} />
          </Field>
        ) : null}
        <Field id="target-headers" label="Authorization header" hint="Optional. Kept encrypted, never shown again.">
          <TextInput id="target-headers" hinted type="password" autoComplete="off" value={draft.token} onChange={(event) => { set({ token: event.target.value }); }} />
        </Field>
        <label className="pick">
          <input type="checkbox" checked={draft.isIsolated} onChange={(event) => { set({ isIsolated: event.target.checked }); }} /> It runs apart: in a container of its
          own, without credentials and without a way to other systems. A pickle is released to no other target.
        </label>
      </div>
      <div>
        <Button type="submit" variant="primary" closed={act.pending}>
          Add the target
        </Button>
      </div>
    </form>
  );
}

function mappingOf(text: string): unknown {
  try {
    return text.trim() === "" ? null : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

/** Says that a server runs a version. */
export function BindForm({ targets }: { targets: readonly TargetRow[] }) {
  const [draft, setDraft] = useState({ target: targets[0]?.name ?? "", model: "", version: "", remoteModel: "", remoteVersion: "", mapping: "" });
  const act = useAct(["endpoint"]);
  const set = (change: Partial<typeof draft>): void => {
    setDraft((now) => ({ ...now, ...change }));
  };
  const kind = targets.find(({ name }) => name === draft.target)?.kind;
  const submit = async (): Promise<void> => {
    const { target, model, version, remoteModel, remoteVersion, mapping } = draft;
    const body = {
      model,
      version,
      remoteVersion: remoteVersion === "" ? null : remoteVersion,
      ...(remoteModel === "" ? {} : { remoteModel }),
      ...(kind === "json" ? { mapping: mappingOf(mapping) } : {}),
    };
    if (await act.send(`/api/v1/targets/${encodeURIComponent(target)}/bindings`, body)) set({ version: "", remoteVersion: "" });
  };
  const text = (field: "model" | "version" | "remoteModel" | "remoteVersion", label: string, hint: string) => (
    <Field id={`bind-${field}`} label={label} hint={hint}>
      <TextInput id={`bind-${field}`} hinted spellCheck={false} autoComplete="off" value={draft[field]} onChange={(event) => { set({ [field]: event.target.value }); }} />
    </Field>
  );
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => `bind${pointer.replace("/", "-")}`} />
      <div className="form-2">
        <Field id="bind-target" label="Target">
          <Select id="bind-target" value={draft.target} onChange={(event) => { set({ target: event.target.value }); }}>
            {targets.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
        {text("model", "Model", "As registered here.")}
        {text("version", "Version", "Its signature and contract hold for the server too.")}
        {text("remoteModel", "Name there", "Left out: the same.")}
        {text("remoteVersion", "Version there", "Left out: whatever it serves by default.")}
        {kind === "json" ? (
          <Field id="bind-mapping" label="Mapping" hint='{"path": "/score", "inputs": {"x": "features"}, "outputs": {"y": "/result/scores"}}' wide>
            <TextArea id="bind-mapping" hinted rows={4} value={draft.mapping} onChange={(event) => { set({ mapping: event.target.value }); }} />
          </Field>
        ) : null}
      </div>
      <div>
        <Button type="submit" closed={act.pending}>
          Put it there
        </Button>
      </div>
    </form>
  );
}
