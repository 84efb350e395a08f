"use client";

import Link from "next/link";
import { useDeferredValue } from "react";
import { formatCount } from "#lib/client/format-number.ts";
import { modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { ProblemSummary } from "../ui/problem-summary.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ContractEditor } from "./contract-editor.tsx";
import { DocumentsSection } from "./documents-section.tsx";
import { FactsSection } from "./facts-section.tsx";
import { FileSection } from "./file-section.tsx";
import { fieldIdFor, problemName } from "./register-fields.ts";
import { registerSentence } from "./register-sentence.ts";
import { SameRegisterCall } from "./same-register-call.tsx";
import { useRegisterForm, type RegisterForm } from "./use-register-form.ts";

/** One page, no wizard: the file, what was read from it, the facts, the contract. Beside it the call that does the same. */
export function RegisterPage({
  initial,
  initialModel,
}: {
  initial: NewVersionView;
  initialModel: string | null;
}) {
  const form = useRegisterForm(initial, initialModel);
  const { draft, view, error, write } = form;
  const shownCall = useDeferredValue(form.shownCall);
  const name = modelNameOf(form);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          ...(draft.existing === null
            ? []
            : [{ href: modelPath(draft.existing), label: draft.existing }]),
          { label: draft.existing === null ? "New model" : "New version" },
        ]}
        asOf={view.asOf}
      />
      <RegisterHead form={form} />
      <Problems form={form} />
      <div className="reg">
        <div className="reg-main">
          <FileSection
            upload={form.upload}
            uploaded={draft.uploaded}
            fileName={draft.fileName}
            sampleName={draft.sampleName}
            maxUploadBytes={view.maxUploadBytes}
            closed={!view.mayRegister.open}
          />
          <FactsSection
            draft={draft}
            view={view}
            error={error}
            write={write}
            chooseModel={form.chooseModel}
          />
          <ContractPart form={form} />
          <DocumentsSection draft={draft} error={error} write={write} />
        </div>
        <SameRegisterCall
          call={shownCall}
          modelName={name}
          files={{
            file: draft.fileName === "" ? "model.onnx" : draft.fileName,
            sample: draft.sampleName === "" ? null : draft.sampleName,
          }}
          openProblems={form.problems.length}
        />
      </div>
    </form>
  );
}

const modelNameOf = ({ draft }: RegisterForm): string =>
  draft.existing ?? (draft.name === "" ? "NAME" : draft.name);

function RegisterHead({ form }: { form: RegisterForm }) {
  const { draft, closedBecause, register } = form;
  const isNew = draft.existing === null;
  return (
    <div className="page-head">
      <div>
        <h1>
          {isNew && draft.name === ""
            ? "Register a model"
            : `${modelNameOf(form)} ${draft.version}`}{" "}
          <Status shape="draft" tint big>
            Draft
          </Status>
        </h1>
        <p className="sub">
          {isNew
            ? "A new model with its first version."
            : `A new version of ${draft.existing ?? ""}.`}{" "}
          {form.restored ? "Your draft is back. " : ""}Only this tab has the draft.
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar is-sticky">
          <Button
            variant="primary"
            type="submit"
            closed={closedBecause !== null || register.pending || !form.ready}
            aria-describedby={closedBecause === null ? undefined : "why-closed"}
          >
            {register.pending
              ? "Registering"
              : `Register ${draft.version === "" ? "it" : draft.version}`}
          </Button>
          <Button onClick={form.discard}>Discard</Button>
        </div>
      </div>
      <div className="page-say">
        <p className="verdict">
          {registerSentence(draft, form.read, form.upload.state.kind === "sending")}
        </p>
        <p className="actionbar-note">
          <b>Register:</b>{" "}
          <span id="why-closed">
            {closedBecause ??
              "seals the version and changes nothing that is live. A runtime then tries it in a sandbox."}
          </span>
        </p>
      </div>
    </div>
  );
}

/** What stands in the way: the same file under another name, what the API refused, what this page knows is wrong. */
function Problems({ form }: { form: RegisterForm }) {
  const { draft, problems, register, tried } = form;
  const twin = draft.uploaded?.duplicateOf ?? null;
  return (
    <>
      {twin === null ? null : (
        <Banner tone="holding" mark="warn">
          This exact file is {twin.model} {twin.version}.{" "}
          <Link href={versionPath(twin.model, twin.version)}>Open it</Link>
        </Banner>
      )}
      <ApiProblemSummary problem={register.problem} fieldFor={fieldIdFor} />
      {tried > 0 && problems.length > 0 && !register.pending ? (
        <ProblemSummary
          key={tried}
          title={`${formatCount(problems.length, "thing")} to correct before it can be registered.`}
          items={problems.map(({ pointer, message }) => ({
            fieldId: fieldIdFor(pointer),
            message: `${problemName(pointer, draft.fields)}: ${message}`,
          }))}
        />
      ) : null}
    </>
  );
}

function ContractPart({ form }: { form: RegisterForm }) {
  const { draft, read } = form;
  if (read === null) return null;
  const inherited =
    draft.inherited.length === 0 ? "" : `, ${String(draft.inherited.length)} from the parent`;
  return (
    <Section
      id="contract-head"
      title="Input contract"
      caption={`${formatCount(draft.fields.length, "field")}${inherited}; every call is checked by these rules before the model sees it`}
      end={
        read.problems.length === 0 ? null : (
          <Status shape="failed">{read.problems.length} to correct</Status>
        )
      }
    >
      <ContractEditor
        fields={draft.fields}
        read={read}
        inherited={draft.parent === "" ? null : draft.inherited}
        hasSample={(draft.uploaded?.sampleSummary ?? null) !== null}
        onChange={form.changeField}
      />
      <ul className="caption table-foot">
        {(draft.uploaded?.notes ?? []).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </Section>
  );
}
