"use client";

import { useState } from "react";
import type { z } from "zod";
import { fieldMessage, postAct } from "#lib/client/api-client.ts";
import { linkView } from "#lib/contracts/people-api.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { assignmentOf, RoleFields, type RoleChoice } from "./role-fields.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { useSettingsAct } from "./use-settings-act.ts";

const fieldFor = (pointer: string) =>
  pointer === "/email" ? "invite-email" : pointer === "/name" ? "invite-name" : null;

/** Name, address and a first role; answers the link by which they choose a password. */
export function InviteForm({ environments, now }: { environments: readonly string[]; now: string }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<RoleChoice>({ role: "viewer", environment: "" });
  const [link, setLink] = useState<z.output<typeof linkView> | null>(null);
  const act = useSettingsAct(async (body: unknown, idempotencyKey) =>
    linkView.parse(await postAct("/api/v1/people", body, { idempotencyKey })),
  );
  const send = async () => {
    const made = await act.send({ name, email, roles: [assignmentOf(role)] });
    if (made === null) return;
    setLink(made);
    setName("");
    setEmail("");
  };
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={fieldFor} />
      <Field id="invite-name" label="Name" error={fieldMessage(act.problem, "/name")}>
        <TextInput
          id="invite-name"
          autoComplete="off"
          maxLength={120}
          error={fieldMessage(act.problem, "/name")}
          value={name}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
      </Field>
      <Field id="invite-email" label="E-mail address" error={fieldMessage(act.problem, "/email")}>
        <TextInput
          id="invite-email"
          type="email"
          autoComplete="off"
          maxLength={254}
          error={fieldMessage(act.problem, "/email")}
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
          }}
        />
      </Field>
      <div className="row">
        <RoleFields id="invite" value={role} environments={environments} onChange={setRole} />
        <Button type="submit" variant="primary" closed={act.pending}>
          {act.pending ? "Inviting" : "Invite"}
        </Button>
      </div>
      {link === null ? null : (
        <>
          <SecretOnce
            title="One-time link"
            secret={link.url}
            say="Give it to them yourself; nothing is sent by e-mail."
          />
          <p className="caption">
            Works once, until <Instant at={link.expiresAt} now={now} />.
          </p>
        </>
      )}
    </form>
  );
}
