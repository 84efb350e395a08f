"use client";

import { useId, useRef, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import type { FactsSectionProps } from "./facts-section.tsx";

type Props = Pick<FactsSectionProps, "draft" | "error" | "write">;

/** Files whose content is kept as it is; the server tells what each is. */
function LockFiles({ draft, error, write }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  const { locks } = draft;
  const problem = locks.map((_, index) => error(`/locks/${String(index)}`)).find((one) => one !== null) ?? error("/locks");
  const add = async (files: readonly File[]) => {
    const read = await Promise.all(files.map(async (file) => ({ fileName: file.name.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 128), text: await file.text() })));
    write({ locks: [...locks.filter(({ fileName }) => !read.some((one) => one.fileName === fileName)), ...read] });
  };
  return (
    <details className="field-more" open={locks.length > 0 || problem !== null}>
      <summary>
        Dependencies{locks.length === 0 ? "" : `, ${locks.map(({ fileName }) => fileName).join(", ")}`}
      </summary>
      <p className="small" id="locks-hint">
        The lock files of what the model needs to answer: requirements.txt with hashes, conda.yaml, poetry.lock, uv.lock, pylock.toml, Pipfile.lock or
        package-lock.json. They become part of the version; addresses with a password in them are refused.
      </p>
      {problem === null ? null : <p className="field-error" id="locks-error">{problem}</p>}
      <ul className="small">
        {locks.map(({ fileName, text }) => (
          <li key={fileName}>
            {fileName}, {text.length} characters{" "}
            <Button small variant="quiet" onClick={() => { write({ locks: locks.filter((one) => one.fileName !== fileName) }); }}>
              Take {fileName} out
            </Button>
          </li>
        ))}
      </ul>
      <Button small id="locks" aria-describedby="locks-hint" onClick={() => picker.current?.click()}>
        Add files of dependencies
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files of dependencies"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          void add(files);
        }}
      />
    </details>
  );
}

/** 4. What may come with it: card, figures, golden answers, where it comes from. Production asks for the first two. */
export function DocumentsSection({ draft, error, write }: Props) {
  const outputs = draft.uploaded?.signature?.outputs ?? [];
  return (
    <Section
      id="documents"
      title="With it"
      caption="optional here; production asks for a card and figures on held-out data"
    >
      <TextDocument
        id="card"
        label="Model card, Markdown"
        accept=".md,.markdown,.txt"
        value={draft.card}
        error={error("/card")}
        onChange={(card) => {
          write({ card });
        }}
      />
      <TextDocument
        id="evaluation"
        label="Figures on held-out rows, evaluation.json"
        hint='{"dataset": "holdout.csv", "rows": 3000, "metrics": {"accuracy": {"value": 0.95, "low": 0.94, "high": 0.96}}}'
        accept=".json"
        value={draft.evaluation}
        error={error("/evaluation")}
        onChange={(evaluation) => {
          write({ evaluation });
        }}
      />
      <TextDocument
        id="golden"
        label="Golden answers, golden.json"
        hint="Requests with the answers the model must give. Without them the sandbox records its first answers as golden."
        accept=".json"
        value={draft.golden}
        error={error("/golden")}
        onChange={(golden) => {
          write({ golden });
        }}
      />
      <LockFiles draft={draft} error={error} write={write} />
      <details
        className="field-more"
        open={Object.values(draft.lineage).some((value) => value !== "")}
      >
        <summary>Where it comes from</summary>
        <div className="form-2">
          {(
            [
              ["run", "Training run"],
              ["commit", "Commit"],
              ["dataset", "Data set"],
              ["datasetSha256", "sha256 of the data set"],
            ] as const
          ).map(([name, label]) => (
            <Field
              key={name}
              id={`lineage-${name}`}
              label={label}
              error={error(`/lineage/${name}`)}
            >
              <TextInput
                id={`lineage-${name}`}
                error={error(`/lineage/${name}`)}
                maxLength={256}
                spellCheck={false}
                value={draft.lineage[name]}
                onChange={(event) => {
                  write({ lineage: { ...draft.lineage, [name]: event.target.value } });
                }}
              />
            </Field>
          ))}
          <Field
            id="labelOutput"
            label="Output that names the class"
            hint="For prediction shares and true labels."
            error={error("/labelOutput")}
          >
            <Select
              id="labelOutput"
              hinted
              error={error("/labelOutput")}
              value={draft.labelOutput}
              onChange={(event) => {
                write({ labelOutput: event.target.value });
              }}
            >
              <option value="">None</option>
              {outputs.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          </Field>
        </div>
      </details>
    </Section>
  );
}

type DocumentProps = {
  readonly id: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly accept: string;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (text: string) => void;
};

/** A text that is pasted or read from a file. */
function TextDocument({ id, label, hint, accept, value, error, onChange }: DocumentProps) {
  const picker = useRef<HTMLInputElement>(null);
  const name = useId();
  return (
    <details className="field-more" open={value !== "" || error !== null}>
      <summary>
        {label}
        {value === "" ? "" : `, ${String(value.length)} characters`}
      </summary>
      <Field id={id} label={<span className="vh">{label}</span>} hint={hint} wide error={error}>
        <TextArea
          id={id}
          hinted={hint !== undefined}
          error={error}
          rows={6}
          spellCheck={false}
          value={value}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      </Field>
      <Button small onClick={() => picker.current?.click()}>
        Read it from a file
      </Button>
      <input
        ref={picker}
        id={name}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const [file] = [...(event.target.files ?? [])];
          event.target.value = "";
          if (file === undefined) return;
          void file.text().then(onChange);
        }}
      />
    </details>
  );
}
