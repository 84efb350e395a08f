"use client";

import { useId, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import {
  callDocuments,
  cliText,
  curlText,
  type CallFiles,
  type RegisterCall,
} from "#lib/client/register-call.ts";
import { CodeBlock } from "../ui/code-block.tsx";

const forms = ["curl", "CLI"] as const;
type Form = (typeof forms)[number];

/** The call that does the same as the form, as it stands now. */
export function SameRegisterCall({
  call,
  modelName,
  files,
  openProblems,
}: {
  call: RegisterCall;
  modelName: string;
  files: CallFiles;
  openProblems: number;
}) {
  const id = useId();
  const [form, setForm] = useState<Form>("curl");
  const origin = useSyncExternalStore(
    () => () => undefined,
    () => window.location.origin,
    () => "",
  );
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    const next = form === "curl" ? "CLI" : "curl";
    setForm(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  const text =
    form === "curl" ? curlText(call, modelName, files, origin) : cliText(call, modelName, files);
  return (
    <aside className="reg-rail" aria-labelledby="same-call">
      <div className="reg-stick">
        <div>
          <h2 id="same-call">The same thing as</h2>
          <p className="small">Follows what you type. Nothing here is sent until you run it.</p>
        </div>
        <div className="tabs" role="tablist" aria-label="Form of the call">
          {forms.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`${id}-${name}`}
              aria-controls={`${id}-pane`}
              aria-selected={form === name}
              tabIndex={form === name ? 0 : -1}
              onClick={() => {
                setForm(name);
              }}
              onKeyDown={onKey}
            >
              {name}
            </button>
          ))}
        </div>
        <div role="tabpanel" id={`${id}-pane`} aria-labelledby={`${id}-${form}`}>
          <CodeBlock
            title={
              openProblems === 0
                ? "Ready to run"
                : `Works once ${openProblems === 1 ? "the field is" : "the fields are"} right`
            }
            code={text}
          />
        </div>
        {callDocuments(call).map((document) => (
          <details key={document.name} className="field-more">
            <summary>{document.name}</summary>
            <CodeBlock title={document.name} code={document.text} />
          </details>
        ))}
        <p className="caption">
          Answers 201 and the version, or 422 with a pointer to the field, such as{" "}
          <code>/contract/fields/5/range/max</code>. The token needs the role Engineer or ML Lead.
        </p>
      </div>
    </aside>
  );
}
