"use client";

import { formatBytes, formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { EvaluationListView } from "#lib/contracts/views/evaluation-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { SameCall } from "../shell/same-call.tsx";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { Field, FieldError, PickGroup, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { type EvaluationDraft, type LimitDraft, type NewEvaluation, useNewEvaluation } from "./use-new-evaluation.ts";

const FIELD_IDS: Readonly<Record<string, string>> = {
  "/data": "data",
  "/input": "data",
  "/labelColumn": "label-column",
  "/sliceColumns": "slice-0",
  "/sliceMetric": "slice-metric",
  "/training": "training",
  "/mapping": "mapping",
  "/dataset": "dataset",
};
const FIGURES = ["accuracy", "macroF1", "areaUnderRoc", "logLoss", "brierScore", "calibrationError", "meanAbsoluteError", "rootMeanSquareError", "rSquared"] as const;

/** Has a version run over held-out rows. Limits are written down before anything is measured. */
export function EvaluationForm({ view }: { view: EvaluationListView }) {
  const form = useNewEvaluation(view);
  return (
    <Section id="new" title="Evaluate on held-out rows" caption={`a runtime runs the version in a process of its own; up to ${formatNumber(view.mostRows)} rows`}>
      {view.mayEvaluate.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayEvaluate.closedBecause}
        </Banner>
      )}
      <form
        className="with-rail"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        <div className="form-stack">
          <ApiProblemSummary problem={form.problem} fieldFor={(pointer) => FIELD_IDS[pointer] ?? (pointer.startsWith("/thresholds") ? "limit-0" : null)} />
          <RowsPart form={form} view={view} />
          <LimitsPart form={form} />
          <SlicesPart form={form} />
          <TrainingPart form={form} view={view} />
          <div className="form-end">
            <Button type="submit" variant="primary" closed={form.pending || !view.mayEvaluate.open}>
              Run the evaluation
            </Button>
          </div>
        </div>
        <SameCall path={form.path} body={form.body} roles="engineer, ML lead or validator" />
      </form>
    </Section>
  );
}

function FileInput({ id, onFile }: { id: string; onFile: (file: File) => void }) {
  return (
    <input
      id={id}
      className="input"
      type="file"
      accept=".csv,.jsonl,.ndjson,.parquet"
      aria-describedby={`${id}-hint`}
      onChange={(event) => {
        const [file] = event.target.files ?? [];
        if (file !== undefined) onFile(file);
      }}
    />
  );
}

function ColumnSelect({ id, columns, value, none, hinted = false, error = null, onChange }: { id: string; columns: readonly string[]; value: string; none: string; hinted?: boolean; error?: string | null; onChange: (value: string) => void }) {
  return (
    <Select
      id={id}
      hinted={hinted}
      error={error}
      value={value}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    >
      <option value="">{none}</option>
      {columns.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </Select>
  );
}

function RowsPart({ form, view }: { form: NewEvaluation; view: EvaluationListView }) {
  const { draft, data, missing, set } = form;
  return (
    <>
      <Field id="data" label="Held-out rows" hint="CSV with a line of column names, JSON Lines or Parquet, with the true values. Columns are found by the field names of the input contract." error={missing.data}>
        <FileInput id="data" onFile={form.upload} />
      </Field>
      <p className="small" role="status">
        {form.isReading ? "The file is being sent and read." : data === null ? "" : `${data.name}: ${formatCount(data.rows, "row")}, ${formatCount(data.columns.length, "column")}, ${formatBytes(data.sizeBytes)}.`}
      </p>
      <div className="form-2">
        <Field id="label-column" label="Column with the true value" error={missing.labelColumn}>
          <ColumnSelect id="label-column" columns={data?.columns ?? []} value={draft.labelColumn} none={data === null ? "Choose the file first" : "Choose a column"} error={missing.labelColumn} onChange={(labelColumn) => { set({ labelColumn }); }} />
        </Field>
        <Field id="dataset" label="What the rows are called" hint="In the record and on the model card; else the file's name.">
          <TextInput id="dataset" hinted maxLength={200} value={draft.dataset} onChange={(event) => { set({ dataset: event.target.value }); }} />
        </Field>
      </div>
      <PickGroup
        id="task"
        legend="Task"
        name="task"
        value={draft.task}
        options={[
          { value: "", label: "As the outputs say" },
          { value: "classification", label: "Classification" },
          { value: "regression", label: "Regression" },
        ]}
        onChange={(value) => {
          set({ task: value === "classification" || value === "regression" ? value : "" });
        }}
      />
      {view.unnamedInputs.map(({ name, values }) => (
        <fieldset key={name} className="field is-wide" id="mapping" tabIndex={-1}>
          <legend>
            Columns of {name} ({formatNumber(values)} values a row)
          </legend>
          <div className="form-2">
            {(["from", "to"] as const).map((end) => (
              <Field key={end} id={`${name}-${end}`} label={end === "from" ? "From column" : "To column"}>
                <ColumnSelect
                  id={`${name}-${end}`}
                  columns={data?.columns ?? []}
                  value={draft.mapping[name]?.[end] ?? ""}
                  none="Found by name"
                  onChange={(value) => {
                    set({ mapping: { ...draft.mapping, [name]: { from: "", to: "", ...draft.mapping[name], [end]: value } } });
                  }}
                />
              </Field>
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}

function LimitsPart({ form }: { form: NewEvaluation }) {
  const { draft, missing, set } = form;
  const change = (key: number, to: Partial<LimitDraft>): void => {
    set({ limits: draft.limits.map((limit) => (limit.key === key ? { ...limit, ...to } : limit)) });
  };
  return (
    <fieldset className="field is-wide" id="limits" tabIndex={-1}>
      <legend>Limits, agreed on now</legend>
      <span className="hint">Written down before the run, so that a result can be called passed. Figures by class have the class after a colon, such as recall:defaulted.</span>
      {draft.limits.map(({ key, name, side, value }, index) => (
        <div className="limit-row" key={key}>
          <Field id={`limit-${String(index)}`} label="Figure">
            <TextInput id={`limit-${String(index)}`} list="figures" spellCheck={false} autoComplete="off" value={name} onChange={(event) => { change(key, { name: event.target.value }); }} />
          </Field>
          <Field id={`limit-side-${String(index)}`} label="Is">
            <Select id={`limit-side-${String(index)}`} value={side} onChange={(event) => { change(key, { side: event.target.value === "max" ? "max" : "min" }); }}>
              <option value="min">at least</option>
              <option value="max">at most</option>
            </Select>
          </Field>
          <Field id={`limit-value-${String(index)}`} label="Number">
            <TextInput id={`limit-value-${String(index)}`} inputMode="decimal" autoComplete="off" value={value} onChange={(event) => { change(key, { value: event.target.value }); }} />
          </Field>
        </div>
      ))}
      <FieldError id="limits" error={missing.limits} />
      <datalist id="figures">{FIGURES.map((name) => <option key={name} value={name} />)}</datalist>
      <div className="chips">
        <Button
          small
          closed={draft.limits.length >= 20}
          onClick={() => {
            set({ limits: [...draft.limits, { key: Math.max(...draft.limits.map(({ key }) => key)) + 1, name: "", side: "min", value: "" }] });
          }}
        >
          Add a limit
        </Button>
      </div>
    </fieldset>
  );
}

function SlicesPart({ form }: { form: NewEvaluation }) {
  const { draft, data, set } = form;
  const columns = (data?.columns ?? []).filter((name) => name !== draft.labelColumn);
  const [first, second, third] = draft.slices;
  const at = (index: number, name: string): EvaluationDraft["slices"] => (index === 0 ? [name, second, third] : index === 1 ? [first, name, third] : [first, second, name]);
  return (
    <fieldset className="field is-wide" id="slices" tabIndex={-1}>
      <legend>Slices</legend>
      <span className="hint">The figures are taken again by the values of these columns. Slices with fewer than 20 rows are shown and not judged.</span>
      <div className="limit-row">
        {draft.slices.map((name, index) => (
          <Field key={index} id={`slice-${String(index)}`} label={index === 0 ? "By" : "and by"}>
            <ColumnSelect id={`slice-${String(index)}`} columns={columns} value={name} none="None" onChange={(value) => { set({ slices: at(index, value) }); }} />
          </Field>
        ))}
      </div>
      <div className="form-2">
        <Field id="slice-metric" label="Figure by slice" hint="Else accuracy, or mean absolute error.">
          <TextInput id="slice-metric" hinted list="figures" spellCheck={false} autoComplete="off" value={draft.sliceMetric} onChange={(event) => { set({ sliceMetric: event.target.value }); }} />
        </Field>
        <Field id="gap-limit" label="Greatest gap between slices" hint="Best less worst. Without it nothing is judged.">
          <TextInput id="gap-limit" hinted inputMode="decimal" autoComplete="off" value={draft.gapLimit} onChange={(event) => { set({ gapLimit: event.target.value }); }} />
        </Field>
      </div>
    </fieldset>
  );
}

function TrainingPart({ form, view }: { form: NewEvaluation; view: EvaluationListView }) {
  if (view.training?.isAtHand === true)
    return <p className="small">The rows it was trained on are at hand: rows that are in both are counted.</p>;
  const hint =
    view.training === null
      ? "Optional: to count rows that are in both. The version's lineage names no digest of its training data."
      : `Optional: to count rows that are in both. Its digest must be the one in the version's lineage, ${view.training.digest.slice(0, 19)}...`;
  return (
    <>
      <Field id="training" label="Rows it was trained on" hint={hint}>
        <FileInput id="training" onFile={form.uploadTraining} />
      </Field>
      <p className="small" role="status">
        {form.training === null ? "" : `${form.training.name}: ${formatCount(form.training.rows, "row")}.`}
      </p>
    </>
  );
}
