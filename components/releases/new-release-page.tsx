"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { useRef, useState } from "react";
import { z } from "zod";
import { ApiProblem, fieldMessage, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { newReleaseQuery } from "#lib/client/view-queries.ts";
import type {
  NewReleaseView,
  StrategyChoice,
} from "#lib/contracts/views/new-release-view.ts";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Field, Select, TextArea } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { ActProblem } from "../shell/act-problem.tsx";
import { CandidateTable } from "./candidate-table.tsx";
import { DryRunSection } from "./dry-run-section.tsx";
import { PlanEditor } from "./plan-editor.tsx";
import { PowerPanel } from "./power-panel.tsx";
import { SameCall } from "../shell/same-call.tsx";
import { StrategyPicker } from "./strategy-picker.tsx";
import { TriggerEditor } from "./trigger-editor.tsx";
import { usePlanDraft } from "./use-plan-draft.ts";

type Chosen = NonNullable<NewReleaseView["chosen"]>;
const created = z.object({ number: z.number().int() });

/** One page, three questions: where, which version, by what plan. Beside it the API call that does the same. */
export function NewReleasePage({
  initial,
  initialEndpoint,
}: {
  initial: NewReleaseView;
  initialEndpoint: string | null;
}) {
  const [endpoint, setEndpoint] = useQueryState("endpoint", parseAsString);
  const { data } = useQuery({
    ...newReleaseQuery(endpoint),
    ...(endpoint === initialEndpoint ? { initialData: initial } : { placeholderData: initial }),
  });
  const view = data ?? initial;
  const picked = view.endpoints.find((one) => one.name === endpoint) ?? null;

  return (
    <>
      <Strip
        crumbs={[{ href: "/releases", label: "Releases" }, { label: "New release" }]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>New release</h1>
          <p className="sub">
            Moves an endpoint from the version that is live to another, by a plan that can go back
            at any moment.
          </p>
        </div>
      </div>
      {view.mayCreate.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayCreate.closedBecause}
        </Banner>
      )}
      {view.endpoints.length === 0 ? (
        <EmptyState
          title="There is no endpoint to release to"
          action={
            <ButtonLink href="/endpoints" variant="primary">
              Make an endpoint
            </ButtonLink>
          }
        >
          A release replaces what an endpoint serves. Make an endpoint first and give it its first
          version.
        </EmptyState>
      ) : (
        <>
          <Section id="where" title="1. Where">
            <Field
              id="endpoint"
              label="Endpoint"
              hint={picked === null ? "The address that clients call." : undefined}
            >
              <Select
                id="endpoint"
                hinted={picked === null}
                value={endpoint ?? ""}
                onChange={(event) => {
                  void setEndpoint(event.target.value === "" ? null : event.target.value);
                }}
              >
                <option value="">Choose an endpoint</option>
                {view.endpoints.map((one) => (
                  <option key={one.endpointId} value={one.name}>
                    {one.name}, {one.environmentName},{" "}
                    {one.stableVersionName === null
                      ? "nothing live"
                      : `${one.modelName} ${one.stableVersionName}`}
                  </option>
                ))}
              </Select>
            </Field>
            {picked === null ? null : <EndpointNote endpoint={picked} />}
          </Section>
          {picked !== null &&
          view.chosen !== null &&
          view.chosen.endpointId === picked.endpointId &&
          picked.stableVersionName !== null ? (
            <ReleaseForm
              key={picked.endpointId}
              view={view}
              endpoint={picked}
              chosen={view.chosen}
            />
          ) : null}
        </>
      )}
    </>
  );
}

function EndpointNote({ endpoint }: { endpoint: NewReleaseView["endpoints"][number] }) {
  if (endpoint.stableVersionName === null) {
    return (
      <p className="small form-note">
        Nothing is live here yet. Give the endpoint its first version on its own page; a release
        replaces one version by another.
      </p>
    );
  }
  if (endpoint.openReleaseNumber === null) return null;
  return (
    <p className="small form-note">
      Release {endpoint.openReleaseNumber} is not over on this endpoint. Another can be made when it
      is, or take its place.
    </p>
  );
}

/** One release at a time: the one under way ends first, or gives way to this one. */
function SupersedeChoice({
  number,
  value,
  onChange,
}: {
  number: number | null;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  if (number === null) return null;
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <span>
        End release {number} first: what it has sent to its version goes back, and a bake ends early.
      </span>
    </label>
  );
}

type FormProps = {
  view: NewReleaseView;
  endpoint: NewReleaseView["endpoints"][number];
  chosen: Chosen;
};

/** What is sent: only what differs from the usual. */
function requestOf(given: {
  endpoint: FormProps["endpoint"];
  version: string | null;
  strategyName: StrategyChoice["name"];
  change: Readonly<Record<string, unknown>>;
  supersede: boolean;
  reason: string;
}) {
  const { endpoint, version, strategyName, change, supersede, reason } = given;
  return {
    endpoint: endpoint.name,
    version: version ?? "",
    ...(strategyName === "canary" ? {} : { strategy: strategyName }),
    ...change,
    ...(supersede && endpoint.openReleaseNumber !== null ? { supersede } : {}),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
  };
}

function ReleaseForm({ view, endpoint, chosen }: FormProps) {
  const router = useRouter();
  const now = useServerNow(view.asOf);
  const [wanted] = useQueryState("version", parseAsString);
  const [version, setVersion] = useState<string | null>(
    chosen.candidates.find((one) => one.versionName === wanted && one.blockers.length === 0)
      ?.versionName ?? null,
  );
  const [strategyName, setStrategyName] = useState<StrategyChoice["name"]>("canary");
  const strategy = chosen.strategies.find((one) => one.name === strategyName);
  const plan = strategy ?? chosen;
  const draft = usePlanDraft(plan);
  const [reason, setReason] = useState("");
  const [supersede, setSupersede] = useState(false);
  const [tried, setTried] = useState(false);
  const key = useRef(newIdempotencyKey());
  const body = requestOf({ endpoint, version, strategyName, change: draft.change, supersede, reason });
  const { mutate, error, isPending } = useMutation({
    mutationFn: async () =>
      created.parse(await postAct("/api/v1/releases", body, { idempotencyKey: key.current })),
    onSuccess: ({ number }) => {
      router.push(`/releases/${String(number)}`);
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  const problem = error instanceof ApiProblem ? error : null;
  const short = reason.trim() !== "" && reason.trim().length < 10;

  return (
    <form
      className="with-rail"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (version !== null && !short) mutate();
        else document.getElementById(version === null ? "candidates" : "release-reason")?.focus();
      }}
    >
      <div>
        <ActProblem
          problem={problem}
          fields={{ "/version": "candidates", "/reason": "release-reason", "/plan": "plan-editor", "/plan/triggers": "trigger-editor" }}
        />
        <Section
          id="which"
          title="2. Which version"
          caption={`replaces ${endpoint.modelName} ${endpoint.stableVersionName ?? ""}`}
        >
          <CandidateTable
            candidates={chosen.candidates}
            value={version}
            onChange={setVersion}
            now={now}
            error={
              tried && version === null ? "Choose a version." : fieldMessage(problem, "/version")
            }
          />
        </Section>
        <Section
          id="how"
          title="3. By what plan"
          caption={`${endpoint.environmentName}: up to ${String(chosen.exposureCapBp / 100)} % without proof, ${approvalText(chosen)}`}
        >
          <div className="form-stack">
            <StrategyPicker
              strategies={chosen.strategies}
              value={strategyName}
              onChange={(next) => {
                setStrategyName(next.name);
                draft.restart(next);
              }}
            />
            {draft.steps.length === 0 ? (
              <p className="small">No steps: promotion as soon as every runtime has it warm.</p>
            ) : (
              <PlanEditor
                chosen={{ ...chosen, steps: plan.steps, guards: plan.guards }}
                steps={draft.steps}
                onChange={draft.setSteps}
                problem={problem}
              />
            )}
            <h3>Rollback triggers</h3>
            <TriggerEditor
              triggers={draft.triggers}
              onChange={draft.setTriggers}
              problem={problem}
            />
            <PowerPanel strategy={strategy ?? null} />
          </div>
        </Section>
        <Section id="why" title="Why">
          <Field
            id="release-reason"
            label="Reason, for those who approve it"
            wide
            hint="What is better about it, and on what evidence. Optional; at least 10 characters when given."
            error={
              tried && short
                ? `${String(reason.trim().length)} of at least 10 characters.`
                : fieldMessage(problem, "/reason")
            }
          >
            <TextArea
              id="release-reason"
              hinted
              rows={3}
              maxLength={2000}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
              }}
            />
          </Field>
          <SupersedeChoice
            number={endpoint.openReleaseNumber}
            value={supersede}
            onChange={setSupersede}
          />
        </Section>
        <DryRunSection body={body} isReady={version !== null && !short} closed={!view.mayCreate.open} />
        <Section id="send" title="Make it">
          <div className="form-foot">
            <Button variant="primary" type="submit" closed={isPending || !view.mayCreate.open}>
              {isPending
                ? "Making it"
                : chosen.approvalsRequired === 0
                  ? "Make the release"
                  : "Make it and ask for approval"}
            </Button>
          </div>
        </Section>
      </div>
      <SameCall path="/api/v1/releases" body={body} roles="Engineer or ML Lead" />
    </form>
  );
}

function approvalText(chosen: Chosen): string {
  if (chosen.approvalsRequired === 0) return "no approval needed";
  const who = chosen.approverRoles.join(" or ");
  const each = chosen.rolesNeeded.length === 0 ? "" : `, one of each: ${chosen.rolesNeeded.join(", ")}`;
  return `${String(chosen.approvalsRequired)} approval${chosen.approvalsRequired === 1 ? "" : "s"} by ${who}${each}, not by its author`;
}
