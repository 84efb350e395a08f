"use client";

import type { ReactNode } from "react";
import type { NewStreamView } from "#lib/contracts/views/stream-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { streamFieldId, useNewStream, type NewStream, type StreamField } from "./use-new-stream.ts";

/** One page: who answers, and between which topics. Beside it the call that does the same. */
export function NewStreamPage({ view, endpoint }: { view: NewStreamView; endpoint: string | null }) {
  const form = useNewStream(view, endpoint);
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: "/streams", label: "Streams" }, { label: "New stream" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>New stream</h1>
          <p className="sub">Each record of a Kafka topic is answered as a request would be. The topics exist already: none is made here.</p>
        </div>
      </div>
      {view.mayRun.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayRun.closedBecause}
        </Banner>
      )}
      {view.endpoints.length === 0 ? (
        <EmptyState
          title="There is no endpoint to answer records"
          action={
            <ButtonLink href="/endpoints/new" variant="primary">
              Make an endpoint
            </ButtonLink>
          }
        >
          A stream uses an endpoint that answers requests, with its versions, canaries and shadows. Make one first.
        </EmptyState>
      ) : (
        <form
          className="with-rail"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (view.mayRun.open) void form.submit();
          }}
        >
          <div>
            <ApiProblemSummary problem={form.post.problem} fieldFor={streamFieldId} />
            <WhoPart form={form} view={view} />
            <TopicsPart form={form} />
            <ReadingPart form={form} />
            <div className="form-end">
              <Button type="submit" variant="primary" closed={form.post.pending || !view.mayRun.open}>
                Make the stream
              </Button>
            </div>
          </div>
          <aside className="aside" aria-label="The same by the API">
            <CodeBlock
              title="The same by curl"
              code={`curl -X POST $SLIPWAY_URL/api/v1/streams \\\n  -H "Authorization: Bearer $SLIPWAY_TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(form.body, null, 2)}'`}
            />
          </aside>
        </form>
      )}
    </>
  );
}

function WhoPart({ form, view }: { form: NewStream; view: NewStreamView }) {
  const { draft, chosen } = form;
  return (
    <Section id="who" title="1. Who answers">
      <div className="form-2">
        <Field
          id="endpoint"
          label="Endpoint"
          error={form.error("endpoint")}
          hint={chosen === null ? "Its router, contract and releases work on records as on requests." : `${chosen.modelName}, in ${chosen.environmentName}.`}
        >
          <Select
            id="endpoint"
            hinted
            error={form.error("endpoint")}
            value={draft.endpoint}
            onChange={(event) => {
              form.set({ endpoint: event.target.value });
            }}
          >
            <option value="">Choose an endpoint</option>
            {view.endpoints.map(({ name, environmentName }) => (
              <option key={name} value={name}>
                {name}, {environmentName}
              </option>
            ))}
          </Select>
        </Field>
        <TextField form={form} field="name" label="Name" hint="Of the stream; it stays." />
      </div>
    </Section>
  );
}

function TopicsPart({ form }: { form: NewStream }) {
  const { inputTopic } = form.draft;
  return (
    <Section id="topics" title="2. Topics">
      <div className="form-2">
        <TextField form={form} field="inputTopic" label="Input topic" hint="Its records are answered." />
        <TextField form={form} field="outputTopic" label="Output topic" hint="Answers go here, with the key of their record." />
        <TextField
          form={form}
          field="deadLetterTopic"
          label="Dead-letter topic"
          hint={inputTopic === "" ? "Records without an answer go here as they came." : `Records without an answer go here as they came. Empty: ${inputTopic}-dead.`}
        />
        <TextField form={form} field="shadowTopic" label="Shadow topic" hint="Optional. Answers of a shadow version; without it they are compared and not kept." />
      </div>
    </Section>
  );
}

function ReadingPart({ form }: { form: NewStream }) {
  const { name } = form.draft;
  return (
    <Section id="reading" title="3. Reading">
      <div className="form-2">
        <TextField form={form} field="groupId" label="Consumer group" hint={`Of this stream alone: its offsets are the place in the topic.${name === "" ? "" : ` Empty: ${name}.`}`} />
        <TextField form={form} field="maxInFlight" label="Records at once" type="number" hint="1 to 1,024; answered and committed together. More is faster and repeats more after a failure." />
      </div>
    </Section>
  );
}

type TextFieldProps = { readonly form: NewStream; readonly field: StreamField; readonly label: string; readonly hint: ReactNode; readonly type?: "number" };

function TextField({ form, field, label, hint, type }: TextFieldProps) {
  return (
    <Field id={field} label={label} hint={hint} error={form.error(field)}>
      <TextInput
        id={field}
        hinted
        error={form.error(field)}
        type={type ?? "text"}
        spellCheck={false}
        autoComplete="off"
        value={form.draft[field]}
        onChange={(event) => {
          form.set({ [field]: event.target.value });
        }}
      />
    </Field>
  );
}
