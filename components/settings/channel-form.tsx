"use client";

import { useState } from "react";
import { fieldMessage, postAct } from "#lib/client/api-client.ts";
import { createdChannel } from "#lib/contracts/outgoing-api.ts";
import type { ChannelsView } from "#lib/contracts/views/channels-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Field, FieldError, PickGroup, TextInput } from "../ui/field.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { useChannelAct } from "./use-channel-act.ts";

const kinds = [
  { value: "webhook", label: "Webhook" },
  { value: "slack", label: "Slack" },
  { value: "teams", label: "Teams" },
  { value: "email", label: "E-mail" },
  { value: "openlineage", label: "OpenLineage" },
] as const;
const hints: Readonly<Record<string, string>> = {
  webhook: "Gets CloudEvents as JSON, signed as Standard Webhooks describe. The address must be https and public.",
  slack: "The address of an incoming webhook; Mattermost and others take the same form.",
  teams: "The address of a workflow that begins with a webhook request.",
  email: "Addresses with commas between them.",
  openlineage: "Where the catalogue takes run events, such as https://marquez.example/api/v1/lineage. It is told of versions and releases.",
};
const ids: Readonly<Record<string, string>> = { "/name": "channel-name", "/address": "channel-address", "/events": "channel-events", "/kind": "channel-kind" };
const FIRST_EVENTS = ["alert.*", "release.*", "incident.*"];
const LINEAGE_EVENTS = ["version.*", "release.*"];

/** A new channel: kind, address, what it is told and from where. */
export function ChannelForm({ view }: { view: ChannelsView }) {
  const [kind, setKind] = useState<string>("webhook");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [events, setEvents] = useState<readonly string[]>(FIRST_EVENTS);
  const [environments, setEnvironments] = useState<readonly string[]>([]);
  const [secret, setSecret] = useState<string | null>(null);
  const [token, setToken] = useState("");
  const act = useChannelAct(async (body: unknown, idempotencyKey) => createdChannel.parse(await postAct("/api/v1/channels", body, { idempotencyKey })));
  const error = (pointer: string) => fieldMessage(act.problem, pointer);
  const send = async () => {
    const made = await act.send({ name, kind, address, events, environments, ...(kind === "openlineage" && token !== "" ? { token } : {}) });
    if (made === null) return;
    setSecret(made.secret);
    setName("");
    setAddress("");
    setToken("");
  };
  const families = view.patterns.filter(({ pattern }) => pattern.endsWith(".*"));
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
      <PickGroup id="channel-kind" legend="Kind" name="channel-kind" options={view.hasMail ? kinds : kinds.filter(({ value }) => value !== "email")} value={kind} onChange={(next) => { setKind(next); setEvents(next === "openlineage" ? LINEAGE_EVENTS : FIRST_EVENTS); }} error={error("/kind")} />
      {view.hasMail ? null : <p className="caption">E-mail needs a mail server: the operator sets SLIPWAY_SMTP_URL and SLIPWAY_SMTP_FROM.</p>}
      <Field id="channel-name" label="Name" error={error("/name")}>
        <TextInput id="channel-name" maxLength={80} autoComplete="off" placeholder="On-call" error={error("/name")} value={name} onChange={(event) => { setName(event.target.value); }} />
      </Field>
      <Field id="channel-address" label={kind === "email" ? "To" : "Address"} wide hint={hints[kind]} error={error("/address")}>
        <TextInput id="channel-address" hinted maxLength={2048} autoComplete="off" spellCheck={false} error={error("/address")} value={address} onChange={(event) => { setAddress(event.target.value); }} />
      </Field>
      {kind === "openlineage" ? (
        <Field id="channel-token" label="Bearer token, if it asks for one" wide hint="Kept sealed and never shown again." error={error("/token")}>
          <TextInput id="channel-token" hinted type="password" maxLength={4096} autoComplete="off" error={error("/token")} value={token} onChange={(event) => { setToken(event.target.value); }} />
        </Field>
      ) : null}
      <Choices id="channel-events" legend="What it is told" error={error("/events")} options={families.map(({ pattern, label }) => ({ value: pattern, label }))} chosen={events} onChange={setEvents} />
      <Choices id="channel-environments" legend="From which environments; none chosen means all" error={error("/environments")} options={view.environments.map((one) => ({ value: one.id, label: one.name }))} chosen={environments} onChange={setEnvironments} />
      <Button type="submit" variant="primary" closed={act.pending}>{act.pending ? "Making" : "Make channel"}</Button>
      {secret === null ? null : <SecretOnce title="Signing secret" secret={secret} say="The receiver checks the signature of each message with it." />}
    </form>
  );
}

type ChoicesProps = {
  readonly id: string;
  readonly legend: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly error: string | null;
  readonly onChange: (chosen: readonly string[]) => void;
};

function Choices({ id, legend, options, chosen, error, onChange }: ChoicesProps) {
  return (
    <fieldset className="field is-wide" id={id} tabIndex={-1}>
      <legend>{legend}</legend>
      {options.map(({ value, label }) => (
        <label className="choice" key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => { onChange(event.target.checked ? [...chosen, value] : chosen.filter((known) => known !== value)); }}
          />
          <span>{label}</span>
        </label>
      ))}
      <FieldError id={id} error={error} />
    </fieldset>
  );
}
