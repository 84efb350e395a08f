"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { readContract, type FieldDraft } from "#lib/client/contract-draft.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { registerCall } from "#lib/client/register-call.ts";
import { newVersionQuery } from "#lib/client/registry-queries.ts";
import { modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import type { NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import type { UploadParts } from "#lib/client/upload-artifact.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { ProblemSummary } from "../ui/problem-summary.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ContractEditor, contractFieldId } from "./contract-editor.tsx";
import { DocumentsSection } from "./documents-section.tsx";
import { FactsSection } from "./facts-section.tsx";
import { FileSection } from "./file-section.tsx";
import type { RegisterDraft } from "./register-draft.ts";
import { registerSentence } from "./register-sentence.ts";
import { SameRegisterCall } from "./same-register-call.tsx";
import { useRegister } from "./use-register.ts";
import { useRegisterDraft, withModel, withUpload } from "./use-register-draft.ts";
import { useUpload } from "./use-upload.ts";

const FACT_IDS: Readonly<Record<string, string>> = {
  "/name": "name",
  "/version": "version",
  "/intendedUse": "intendedUse",
  "/riskTier": "riskTier",
  "/owner": "owner",
  "/parent": "parent",
  "/labelOutput": "labelOutput",
  "/card": "card",
  "/evaluation": "evaluation",
  "/golden": "golden",
  "/model": "file",
  "/files": "file",
};

/** Where on this page a JSON pointer of the API leads. */
function fieldFor(pointer: string): string | null {
  if (pointer.startsWith("/contract")) return contractFieldId(pointer.slice("/contract".length));
  const lineage = /^\/lineage\/(\w+)$/.exec(pointer);
  if (lineage !== null) return `lineage-${lineage[1] ?? ""}`;
  return FACT_IDS[`/${pointer.split("/")[1] ?? ""}`] ?? null;
}

/** One page, no wizard: the file, what was read from it, the facts, the contract. Beside it the call that does the same. */
export function RegisterPage({ initial, initialModel }: { initial: NewVersionView; initialModel: string | null }) {
  const [model, setModel] = useQueryState("model", parseAsString);
  const { data } = useQuery({
    ...newVersionQuery(model),
    ...(model === initialModel ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const { draft, ready, restored, update, discard } = useRegisterDraft(initial.chosen);
  const [tried, setTried] = useState(0);
  const onRead = useCallback(
    (uploaded: UploadedArtifact, parts: UploadParts) => {
      update((was) =>
        withUpload(
          was,
          uploaded,
          { file: parts.model.name, sample: parts.sample?.name ?? "" },
          view.chosen?.name === was.existing ? view.chosen : null,
        ),
      );
    },
    [update, view.chosen],
  );
  const upload = useUpload(onRead);
  const chooseModel = useCallback(
    (name: string | null) => {
      void setModel(name);
      update((was) => (name === null ? withModel(was, null) : { ...was, existing: name }));
    },
    [setModel, update],
  );
  useChosen(view, draft, update);
  const register = useRegister(chooseModel);

  const signature = draft.uploaded?.signature ?? null;
  const sample = draft.uploaded?.sampleSummary ?? null;
  const read = useMemo(
    () => (signature === null ? null : readContract(draft.fields, signature, sample)),
    [draft.fields, signature, sample],
  );
  const call = useMemo(() => registerCall(draft, read?.contract ?? null), [draft, read]);
  const shownCall = useDeferredValue(call);
  const blocking = draft.uploaded?.findings.filter(({ severity }) => severity === "block") ?? [];
  const factProblems = [...call.problems, ...takenProblem(view, draft)];
  const problems = [
    ...factProblems,
    ...(read?.problems ?? []).map(({ pointer, message }) => ({ pointer: `/contract${pointer}`, message })),
  ];
  const error = (pointer: string): string | null =>
    register.problem?.fields.find((field) => field.pointer === pointer)?.message ??
    (tried > 0 ? (factProblems.find((problem) => problem.pointer === pointer)?.message ?? null) : null);
  const closedBecause = !view.mayRegister.open
    ? view.mayRegister.closedBecause
    : draft.uploaded === null
      ? "Choose the file first."
      : draft.uploaded.duplicateOf !== null
        ? "This exact file is a version already."
        : blocking.length > 0
          ? "A finding stops it; see the file."
          : null;
  const write = useCallback(
    (change: Partial<RegisterDraft>) => {
      update((was) => ({
        ...was,
        ...change,
        touched: [...new Set([...was.touched, ...Object.keys(change)])],
      }));
    },
    [update],
  );
  const changeField = useCallback(
    (index: number, change: Partial<FieldDraft>) => {
      update((was) => ({
        ...was,
        fields: was.fields.map((field, at) => (at === index ? { ...field, ...change } : field) as RegisterDraft["fields"][number]),
        touched: [...new Set([...was.touched, "contract"])],
      }));
    },
    [update],
  );
  const modelName = draft.existing ?? (draft.name === "" ? "NAME" : draft.name);
  const label = `Register ${draft.version === "" ? "it" : draft.version}`;
  const submit = () => {
    if (closedBecause !== null || register.pending) return;
    setTried((count) => count + 1);
    if (problems.length === 0) register.send({ draft, call });
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          ...(draft.existing === null ? [] : [{ href: modelPath(draft.existing), label: draft.existing }]),
          { label: draft.existing === null ? "New model" : "New version" },
        ]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            {draft.existing === null && draft.name === "" ? "Register a model" : `${modelName} ${draft.version}`}{" "}
            <Status shape="draft" tint big>
              Draft
            </Status>
          </h1>
          <p className="sub">
            {draft.existing === null
              ? "A new model with its first version."
              : `A new version of ${draft.existing}.`}{" "}
            {restored ? "Your draft from before the reload. " : ""}
            Only this tab has the draft.
          </p>
        </div>
        <div className="actionbar-wrap">
          <div className="actionbar is-sticky">
            <Button
              variant="primary"
              type="submit"
              closed={closedBecause !== null || register.pending || !ready}
              aria-describedby={closedBecause === null ? undefined : "why-closed"}
            >
              {register.pending ? "Registering" : label}
            </Button>
            <Button
              onClick={() => {
                upload.cancel();
                setTried(0);
                discard();
              }}
            >
              Discard
            </Button>
          </div>
        </div>
        <div className="page-say">
          <p className="verdict">{registerSentence(draft, read, upload.state.kind === "sending")}</p>
          <p className="actionbar-note">
            <b>Register</b>{" "}
            <span id="why-closed">
              {closedBecause ?? "seals the version. It changes nothing that is live; a runtime then tries it in a sandbox."}
            </span>
          </p>
        </div>
      </div>
      {draft.uploaded?.duplicateOf ? (
        <Banner tone="holding" mark="warn">
          This exact file is {draft.uploaded.duplicateOf.model} {draft.uploaded.duplicateOf.version}.{" "}
          <Link href={versionPath(draft.uploaded.duplicateOf.model, draft.uploaded.duplicateOf.version)}>
            Open it
          </Link>
        </Banner>
      ) : null}
      <ApiProblemSummary problem={register.problem} fieldFor={fieldFor} />
      {tried > 0 && problems.length > 0 && !register.pending ? (
        <ProblemSummary
          key={tried}
          title={`${formatCount(problems.length, "thing")} to correct before it can be registered.`}
          items={problems.map(({ pointer, message }) => ({ fieldId: fieldFor(pointer), message: `${pointerName(pointer, draft)}: ${message}` }))}
        />
      ) : null}
      <div className="reg">
        <div className="reg-main">
          <FileSection
            upload={upload}
            uploaded={draft.uploaded}
            fileName={draft.fileName}
            sampleName={draft.sampleName}
            maxUploadBytes={view.maxUploadBytes}
            closed={!view.mayRegister.open}
          />
          <FactsSection draft={draft} view={view} error={error} write={write} chooseModel={chooseModel} />
          {read === null ? null : (
            <Section
              id="contract-head"
              title="Input contract"
              caption={`${formatCount(draft.fields.length, "field")}${draft.inherited.length === 0 ? "" : `, ${String(draft.inherited.length)} from the parent`}; every call is checked by these rules before the model sees it`}
              end={
                read.problems.length === 0 ? null : (
                  <Status shape="failed">{read.problems.length} to correct</Status>
                )
              }
            >
              <ContractEditor
                fields={draft.fields}
                read={read}
                inherited={draft.inherited}
                hasSample={sample !== null}
                onChange={changeField}
              />
              <ul className="caption table-foot">
                {(draft.uploaded?.notes ?? []).map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </Section>
          )}
          <DocumentsSection draft={draft} error={error} write={write} />
        </div>
        <SameRegisterCall
          call={shownCall}
          modelName={modelName}
          files={{ file: draft.fileName === "" ? "model.onnx" : draft.fileName, sample: draft.sampleName === "" ? null : draft.sampleName }}
          openProblems={problems.length}
        />
      </div>
    </form>
  );
}

/** What a model that was just chosen brings, once the server has said. */
function useChosen(view: NewVersionView, draft: RegisterDraft, update: (change: (was: RegisterDraft) => RegisterDraft) => void): void {
  const [brought, setBrought] = useState(view.chosen?.name ?? null);
  useEffect(() => {
    const { chosen } = view;
    if (chosen === null || chosen.name !== draft.existing || chosen.name === brought) return;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the answer of the server comes after the choice
    setBrought(chosen.name);
    update((was) => withModel(was, chosen));
  }, [view, draft.existing, brought, update]);
}

function takenProblem(view: NewVersionView, draft: RegisterDraft) {
  const taken =
    draft.existing !== null &&
    view.chosen?.name === draft.existing &&
    view.chosen.versions.some(({ name }) => name === draft.version.trim());
  return taken ? [{ pointer: "/version", message: `${draft.existing ?? ""} ${draft.version} is registered already.` }] : [];
}

const names: Readonly<Record<string, string>> = {
  intendedUse: "Intended use",
  riskTier: "Risk tier",
  labelOutput: "Output that names the class",
};

function pointerName(pointer: string, draft: RegisterDraft): string {
  const [, first = "", second, index] = pointer.split("/");
  if (first === "contract" && second === "fields" && index !== undefined) return draft.fields[Number(index)]?.base.field ?? "Contract";
  return names[first] ?? first.charAt(0).toUpperCase() + first.slice(1);
}
