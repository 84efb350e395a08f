"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { RESPONSIBILITY_AREAS } from "#lib/contracts/governance-api.ts";
import type { DeliveryView } from "#lib/contracts/views/assurance-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { ChoiceGroup, Field, TextInput } from "../ui/field.tsx";
import { useGovernanceAct } from "./use-governance-act.ts";

const KINDS = [
  { value: "internal", label: "Developed internally, for ourselves" },
  { value: "third_party", label: "Developed by us for a client, or by a third party for us" },
  { value: "hybrid", label: "Built on a provider's layer" },
];

const fieldFor = (pointer: string): string | null => (pointer === "/client" ? "delivery-client" : pointer === "/provider" ? "delivery-provider" : pointer === "/custodian" ? "delivery-custodian" : null);

/** Who delivers the model to whom, who keeps the artifact, and who owes what. */
export function DeliveryForm({ modelName, delivery }: { modelName: string; delivery: DeliveryView | null }) {
  const [kind, setKind] = useState<string>(delivery?.kind ?? "internal");
  const [client, setClient] = useState(delivery?.client ?? "");
  const [provider, setProvider] = useState(delivery?.provider ?? "");
  const [custodian, setCustodian] = useState(delivery?.custodian ?? "");
  const [parties, setParties] = useState<Readonly<Record<string, string>>>(Object.fromEntries((delivery?.responsibilities ?? []).map(({ area, party }) => [area, party])));
  const act = useGovernanceAct(`/api/v1/models/${encodeURIComponent(modelName)}/delivery`);
  const responsibilities = RESPONSIBILITY_AREAS.flatMap((area) => ((parties[area] ?? "").trim() === "" ? [] : [{ area, party: (parties[area] ?? "").trim() }]));
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void act.send({ kind, client: client.trim() === "" ? null : client, provider: provider.trim() === "" ? null : provider, custodian, responsibilities });
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={fieldFor} />
      <ChoiceGroup id="delivery-kind" legend="How it is delivered" name="delivery-kind" options={KINDS} value={kind} onChange={setKind} />
      <Field id="delivery-custodian" label="Who keeps the artifact" error={fieldMessage(act.problem, "/custodian")}>
        <TextInput id="delivery-custodian" maxLength={200} value={custodian} error={fieldMessage(act.problem, "/custodian")} onChange={(event) => { setCustodian(event.target.value); }} />
      </Field>
      <Field id="delivery-client" label="Client" error={fieldMessage(act.problem, "/client")}>
        <TextInput id="delivery-client" maxLength={200} value={client} error={fieldMessage(act.problem, "/client")} onChange={(event) => { setClient(event.target.value); }} />
      </Field>
      <Field id="delivery-provider" label="Provider" error={fieldMessage(act.problem, "/provider")}>
        <TextInput id="delivery-provider" maxLength={200} value={provider} error={fieldMessage(act.problem, "/provider")} onChange={(event) => { setProvider(event.target.value); }} />
      </Field>
      {RESPONSIBILITY_AREAS.map((area, index) => (
        <Field key={area} id={`party-${String(index)}`} label={`${area}: owed by`}>
          <TextInput id={`party-${String(index)}`} maxLength={200} value={parties[area] ?? ""} onChange={(event) => { setParties({ ...parties, [area]: event.target.value }); }} />
        </Field>
      ))}
      <div className="row">
        <Button type="submit" closed={act.pending}>{act.pending ? "Recording" : "Record"}</Button>
      </div>
      <p role="status" className="small">{act.done ? "Recorded." : ""}</p>
    </form>
  );
}
