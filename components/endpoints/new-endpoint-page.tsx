"use client";

import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { SameCall } from "../shell/same-call.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { NewEnvironment } from "./new-environment.tsx";
import {
  endpointFieldIds,
  useNewEndpoint,
  type NewEndpointForm,
  type NewEndpointPageProps,
} from "./use-new-endpoint.ts";
import { PatternChoice } from "./pattern-choice.tsx";
import { VersionChoice } from "./version-choice.tsx";

/** One page: where it lives, what it is called, which version is its first. Beside it the call that does the same. */
export function NewEndpointPage(props: NewEndpointPageProps) {
  const form = useNewEndpoint(props);
  const { view } = form;
  return (
    <>
      <Strip
        crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "New endpoint" }]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>New endpoint</h1>
          <p className="sub">
            An address that clients call, or that answers files of rows. Its first version is live as soon
            as it is loaded; later versions need approval.
          </p>
        </div>
      </div>
      {view.mayCreate.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayCreate.closedBecause}
        </Banner>
      )}
      {view.models.every(({ versions }) => versions === 0) ? (
        <EmptyState
          title="There is no version to put on it"
          action={
            <ButtonLink href="/models/new" variant="primary">
              Register a model
            </ButtonLink>
          }
        >
          An endpoint begins with a version. Register one first; it takes a minute.
        </EmptyState>
      ) : (
        <form
          className="with-rail"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            form.submit();
          }}
        >
          <div>
            <ApiProblemSummary
              problem={form.create.problem}
              fieldFor={(pointer) => endpointFieldIds[pointer] ?? null}
            />
            <Section id="use" title="1. Use">
              <PatternChoice value={form.body.pattern} onChange={form.setPattern} />
            </Section>
            <WherePart form={form} />
            <WhatPart form={form} />
          </div>
          <SameCall path="/api/v1/endpoints" body={form.body} roles="Engineer, ML Lead or Admin" />
        </form>
      )}
    </>
  );
}

function WherePart({ form }: { form: NewEndpointForm }) {
  const { view, body, error } = form;
  return (
    <Section id="where" title="2. Where">
      <div className="form-2">
        <Field
          id="environment"
          label="Environment"
          hint="Its policy says what a version needs to be live there."
          error={error("environment")}
        >
          <Select
            id="environment"
            hinted
            error={error("environment")}
            value={body.environment}
            onChange={(event) => {
              void form.choose.environment(event.target.value === "" ? null : event.target.value);
            }}
          >
            <option value="">Choose an environment</option>
            {view.environments.map((one) => (
              <option key={one.name} value={one.name} disabled={!one.open}>
                {one.name}
                {one.open ? "" : ", not open to you"}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          id="name"
          label="Name"
          hint="Stands in the address that clients call; it stays."
          error={error("name")}
        >
          <TextInput
            id="name"
            hinted
            error={error("name")}
            autoComplete="off"
            spellCheck={false}
            maxLength={63}
            placeholder={form.suggested === "" ? "credit-default" : form.suggested}
            value={form.name}
            onChange={(event) => {
              form.setName(event.target.value);
            }}
          />
        </Field>
      </div>
      <NewEnvironment
        may={view.mayCreateEnvironment}
        none={view.environments.length === 0}
        onMade={(made) => {
          void form.choose.environment(made);
        }}
      />
    </Section>
  );
}

function WhatPart({ form }: { form: NewEndpointForm }) {
  const { view, body, error, closedBecause, create } = form;
  const now = useServerNow(view.asOf);
  return (
    <Section id="what" title="3. What it serves first">
      <Field id="model" label="Model" error={error("model")}>
        <Select
          id="model"
          error={error("model")}
          value={body.model}
          onChange={(event) => {
            void form.choose.version(null);
            void form.choose.model(event.target.value === "" ? null : event.target.value);
          }}
        >
          <option value="">Choose a model</option>
          {view.models.map((one) => (
            <option key={one.name} value={one.name} disabled={one.versions === 0}>
              {one.name}
              {one.versions === 0 ? ", no version yet" : ""}
            </option>
          ))}
        </Select>
      </Field>
      {body.model === "" ? null : (
        <VersionChoice
          view={view}
          value={body.version}
          now={now}
          error={error("version")}
          onChange={(chosen) => {
            void form.choose.version(chosen);
          }}
        />
      )}
      <div className="form-foot">
        <Button
          variant="primary"
          type="submit"
          closed={closedBecause !== null || create.pending}
          aria-describedby={closedBecause === null ? undefined : "why-closed"}
        >
          {create.pending ? "Making it" : "Make the endpoint"}
        </Button>
        {closedBecause === null ? null : (
          <p className="caption" id="why-closed">
            {closedBecause}
          </p>
        )}
      </div>
    </Section>
  );
}
