"use client";

import { formatBytes, formatCount, formatNumber } from "#lib/client/format-number.ts";
import { batchFormats } from "#lib/contracts/batch.ts";
import type { NewBatchView } from "#lib/contracts/views/batch-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ChoiceGroup, Field, PickGroup, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { batchIntents, useNewBatch, type BatchIntent, type NewBatch } from "./use-new-batch.ts";

const INTENTS: Readonly<Record<BatchIntent, string>> = {
  run: "Answer the rows now by the live version.",
  schedule: "Answer the rows by the clock, each time anew.",
  compare: "Propose another version: compare it with the live one on a slice of the rows.",
};
const FORMAT_LABELS = { csv: "CSV", jsonl: "JSON Lines", parquet: "Parquet" } as const;
const SUBMIT: Readonly<Record<BatchIntent, string>> = { run: "Start the job", schedule: "Make the schedule", compare: "Start the comparison" };

const FIELD_IDS: Readonly<Record<string, string>> = {
  "/endpoint": "endpoint",
  "/version": "version",
  "/source": "path",
  "/source/digest": "rows",
  "/mapping": "mapping",
  "/cron": "cron",
  "/outputName": "output-name",
  "/idColumn": "id-column",
};

/** One page: what is to be done, with which rows, and where the answers go. Beside it the call that does the same. */
export function NewBatchPage({ view, endpoint }: { view: NewBatchView; endpoint: string | null }) {
  const form = useNewBatch(view, endpoint);
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: "/batch", label: "Batch jobs" }, { label: "New batch job" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>New batch job</h1>
          <p className="sub">Every row gets exactly one answer, or a reason why not in a file beside the output.</p>
        </div>
      </div>
      {view.mayRun.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayRun.closedBecause}
        </Banner>
      )}
      {view.endpoints.length === 0 ? (
        <EmptyState
          title="There is no endpoint to answer rows"
          action={
            <ButtonLink href="/endpoints/new" variant="primary">
              Make an endpoint
            </ButtonLink>
          }
        >
          A job uses the live version of an endpoint. Make one first; its pattern may be batch.
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
            <ApiProblemSummary problem={form.problem ?? form.upload.problem} fieldFor={(pointer) => FIELD_IDS[pointer] ?? null} />
            <WhatPart form={form} view={view} />
            <RowsPart form={form} view={view} />
            {form.draft.intent === "compare" ? <SlicePart form={form} /> : <OutputPart form={form} />}
            <div className="form-end">
              <Button type="submit" variant="primary" closed={form.pending || !view.mayRun.open}>
                {SUBMIT[form.draft.intent]}
              </Button>
            </div>
          </div>
          <aside className="aside" aria-label="The same by the API">
            <CodeBlock
              title="The same by curl"
              code={`curl -X POST $SLIPWAY_URL${form.path} \\\n  -H "Authorization: Bearer $SLIPWAY_TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(form.body, null, 2)}'`}
            />
          </aside>
        </form>
      )}
    </>
  );
}

function WhatPart({ form, view }: { form: NewBatch; view: NewBatchView }) {
  const { draft, chosen, set, missing } = form;
  return (
    <Section id="what" title="1. What">
      <ChoiceGroup
        id="intent"
        legend="What is to be done"
        name="intent"
        value={draft.intent}
        options={batchIntents.map((value) => ({ value, label: INTENTS[value] }))}
        onChange={(value) => {
          set({ intent: batchIntents.find((intent) => intent === value) ?? "run" });
        }}
      />
      <div className="form-2">
        <Field id="endpoint" label="Endpoint" error={missing.endpoint} hint={chosen === null ? "Its live version answers." : `${chosen.modelName} ${chosen.versionName} is live, in ${chosen.environmentName}.`}>
          <Select
            id="endpoint"
            hinted
            error={missing.endpoint}
            value={draft.endpoint}
            onChange={(event) => {
              set({ endpoint: event.target.value, version: "", mapping: {} });
            }}
          >
            <option value="">Choose an endpoint</option>
            {view.endpoints.map(({ name, pattern }) => (
              <option key={name} value={name} disabled={draft.intent === "compare" && pattern !== "batch"}>
                {name}
                {pattern === "batch" ? ", batch" : ""}
              </option>
            ))}
          </Select>
        </Field>
        {draft.intent === "compare" ? (
          <Field id="version" label="Compare with" error={missing.version} hint="Versions that are ready and not live here.">
            <Select
              id="version"
              hinted
              error={missing.version}
              value={draft.version}
              onChange={(event) => {
                set({ version: event.target.value });
              }}
            >
              <option value="">Choose a version</option>
              {chosen?.versions.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        ) : null}
        {draft.intent === "schedule" ? (
          <>
            <Field id="cron" label="When" hint="Minute, hour, day, month, weekday.">
              <TextInput id="cron" hinted spellCheck={false} autoComplete="off" value={draft.cron} onChange={(event) => { set({ cron: event.target.value }); }} />
            </Field>
            <Field id="time-zone" label="Time zone">
              <TextInput id="time-zone" spellCheck={false} autoComplete="off" value={draft.timeZone} onChange={(event) => { set({ timeZone: event.target.value }); }} />
            </Field>
          </>
        ) : null}
      </div>
    </Section>
  );
}

function RowsPart({ form, view }: { form: NewBatch; view: NewBatchView }) {
  const { draft, set, missing, upload, input, chosen } = form;
  const places = [
    { value: "upload", label: "Upload a file" },
    ...(view.hasDirectory ? [{ value: "file", label: "A file on the host" }] : []),
    ...(view.buckets.length > 0 ? [{ value: "s3", label: "An object in S3" }] : []),
  ];
  return (
    <Section id="rows-part" title="2. Rows">
      {places.length > 1 ? (
        <PickGroup
          id="place"
          legend="Where they are"
          name="place"
          value={draft.place}
          options={places}
          onChange={(value) => {
            set({ place: value === "file" ? "file" : value === "s3" ? "s3" : "upload" });
          }}
        />
      ) : null}
      {draft.place === "upload" ? (
        <Field id="rows" label="File of rows" hint="CSV with a line of column names, JSON Lines or Parquet. Columns are found by the field names of the input contract." error={missing.rows}>
          <input
            id="rows"
            className="input"
            type="file"
            accept=".csv,.jsonl,.ndjson,.parquet"
            aria-describedby="rows-hint"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file !== undefined) upload.start(file);
            }}
          />
        </Field>
      ) : (
        <div className="form-2">
          {draft.place === "s3" ? (
            <Field id="bucket" label="Bucket">
              <Select id="bucket" value={draft.bucket} onChange={(event) => { set({ bucket: event.target.value }); }}>
                {view.buckets.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            </Field>
          ) : null}
          <Field id="path" label={draft.place === "s3" ? "Key" : "Path"} hint="{date} becomes the day of the run in UTC." error={missing.rows}>
            <TextInput id="path" hinted error={missing.rows} spellCheck={false} value={draft.path} onChange={(event) => { set({ path: event.target.value }); }} />
          </Field>
        </div>
      )}
      <p className="small" role="status">
        {upload.pending ? "The file is being sent and read." : input === null || draft.place !== "upload" ? "" : `${input.name}: ${formatCount(input.rows, "row")}, ${formatCount(input.columns.length, "column")}, ${formatBytes(input.sizeBytes)}.`}
      </p>
      {chosen?.unnamedInputs.map(({ name, values }) => (
        <fieldset key={name} className="field is-wide" id="mapping" tabIndex={-1}>
          <legend>
            Columns of {name} ({formatNumber(values)} values a row)
          </legend>
          <div className="form-2">
            {(["from", "to"] as const).map((end) => (
              <Field key={end} id={`${name}-${end}`} label={end === "from" ? "From column" : "To column"}>
                <TextInput
                  id={`${name}-${end}`}
                  list="columns"
                  value={draft.mapping[name]?.[end] ?? ""}
                  onChange={(event) => {
                    set({ mapping: { ...draft.mapping, [name]: { from: "", to: "", ...draft.mapping[name], [end]: event.target.value } } });
                  }}
                />
              </Field>
            ))}
          </div>
        </fieldset>
      ))}
      <datalist id="columns">{input?.columns.map((name) => <option key={name} value={name} />)}</datalist>
    </Section>
  );
}

function OutputPart({ form }: { form: NewBatch }) {
  const { draft, set, input } = form;
  return (
    <Section id="output" title="3. Output">
      <PickGroup
        id="output-format"
        legend="Format"
        name="output-format"
        value={draft.outputFormat}
        options={batchFormats.map((value) => ({ value, label: FORMAT_LABELS[value] }))}
        onChange={(value) => {
          set({ outputFormat: batchFormats.find((format) => format === value) ?? "csv" });
        }}
      />
      <div className="form-2">
        <Field id="output-name" label="Name" hint="Outputs of one name are versions of each other.">
          <TextInput id="output-name" hinted spellCheck={false} maxLength={63} value={draft.outputName} onChange={(event) => { set({ outputName: event.target.value }); }} />
        </Field>
        <Field id="id-column" label="Column to copy as id" hint="Optional. The row number is always there.">
          <TextInput id="id-column" hinted list="columns" value={draft.idColumn} onChange={(event) => { set({ idColumn: event.target.value }); }} />
        </Field>
        <Field id="failure-limit" label="Rows that may stay without answer, %" hint={`Above it the job fails and the output does not become current${input === null ? "" : `: ${formatNumber(Math.floor((input.rows * Number(draft.failureLimit)) / 100))} of these`}.`}>
          <TextInput id="failure-limit" hinted type="number" min={0} max={100} step="0.01" value={draft.failureLimit} onChange={(event) => { set({ failureLimit: event.target.value }); }} />
        </Field>
      </div>
    </Section>
  );
}

function SlicePart({ form }: { form: NewBatch }) {
  return (
    <Section id="slice" title="3. Slice">
      <Field id="slice-rows" label="Rows to compare" hint="Taken from all over the file, not from its beginning. With 2,000 rows a share is known to within about 2 points.">
        <TextInput id="slice-rows" hinted type="number" min={100} max={1_000_000} value={form.draft.sliceRows} onChange={(event) => { form.set({ sliceRows: event.target.value }); }} />
      </Field>
    </Section>
  );
}
