"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsString, useQueryState } from "nuqs";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { FieldProblem } from "#lib/client/api-client.ts";
import { readContract, type FieldDraft, type ReadContract } from "#lib/client/contract-draft.ts";
import { registerCall, withoutContract, type RegisterCall } from "#lib/client/register-call.ts";
import { newVersionQuery } from "#lib/client/registry-queries.ts";
import type { UploadParts } from "#lib/client/upload-artifact.ts";
import type { UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import type { NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import type { RegisterDraft } from "./register-draft.ts";
import { useRegister, type Register } from "./use-register.ts";
import { useRegisterDraft, withModel, withUpload } from "./use-register-draft.ts";
import { useUpload, type Upload } from "./use-upload.ts";

type Update = (change: (was: RegisterDraft) => RegisterDraft) => void;

export type RegisterForm = {
  readonly view: NewVersionView;
  readonly draft: RegisterDraft;
  readonly ready: boolean;
  readonly restored: boolean;
  readonly upload: Upload;
  readonly register: Register;
  readonly read: ReadContract | null;
  readonly shownCall: RegisterCall;
  readonly problems: readonly FieldProblem[];
  /** How often it was tried: each try shows its problems anew. */
  readonly tried: number;
  readonly closedBecause: string | null;
  /** What is wrong with one field: what the API said, else what this page knows once it was tried. */
  readonly error: (pointer: string) => string | null;
  readonly write: (change: Partial<RegisterDraft>) => void;
  readonly changeField: (index: number, change: Partial<FieldDraft>) => void;
  readonly chooseModel: (name: string | null) => void;
  readonly submit: () => void;
  readonly discard: () => void;
};

/** What keeps it from being registered whatever the fields say; null: nothing. */
function closedBecauseOf(
  { mayRegister, mayCreateModel }: NewVersionView,
  { uploaded, existing }: RegisterDraft,
): string | null {
  if (!mayRegister.open) return mayRegister.closedBecause;
  if (existing === null && !mayCreateModel.open) return mayCreateModel.closedBecause;
  if (uploaded === null) return "Choose the file first.";
  if (uploaded.duplicateOf !== null) return "This exact file is a version already.";
  return uploaded.findings.some(({ severity }) => severity === "block") ||
    uploaded.signature === null
    ? "A finding stops it; see the file."
    : null;
}

function takenProblems({ chosen }: NewVersionView, draft: RegisterDraft): FieldProblem[] {
  if (draft.existing === null || chosen?.name !== draft.existing) return [];
  return chosen.versions.some(({ name }) => name === draft.version.trim())
    ? [
        {
          pointer: "/version",
          message: `${draft.existing} ${draft.version} is registered already.`,
        },
      ]
    : [];
}

const touching = (was: RegisterDraft, names: readonly string[]): string[] => [
  ...new Set([...was.touched, ...names]),
];

/** State and acts of the register form, from the view of the server and the draft of this tab. */
export function useRegisterForm(
  initial: NewVersionView,
  initialModel: string | null,
): RegisterForm {
  const [model, setModel] = useQueryState("model", parseAsString);
  const { data } = useQuery({
    ...newVersionQuery(model),
    ...(model === initialModel ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const { draft, ready, restored, update, discard, finish } = useRegisterDraft(initial.chosen);
  const [tried, setTried] = useState(0);
  const upload = useUpload(useOnRead(view, update));
  const chooseModel = useCallback(
    (name: string | null) => {
      void setModel(name);
      update((was) => (name === null ? withModel(was, null) : { ...was, existing: name }));
    },
    [setModel, update],
  );
  useChosen(view, draft.existing, update);
  const register = useRegister(chooseModel, finish);
  const signature = draft.uploaded?.signature ?? null;
  const sample = draft.uploaded?.sampleSummary ?? null;
  const read = useMemo(
    () => (signature === null ? null : readContract(draft.fields, signature, sample)),
    [draft.fields, signature, sample],
  );
  const call = useMemo(() => registerCall(draft, read?.contract ?? null), [draft, read]);
  const facts = [...call.problems, ...takenProblems(view, draft)];
  const rules = (read?.problems ?? []).map(({ pointer, message }) => ({
    pointer: `/contract${pointer}`,
    message,
  }));
  const problems = [...facts, ...rules];
  const closedBecause = closedBecauseOf(view, draft);
  const isOwnContract = draft.touched.includes("contract") || draft.inherited.length > 0;
  return {
    view,
    draft,
    ready,
    restored,
    upload,
    register,
    read,
    shownCall: isOwnContract ? call : withoutContract(call),
    problems,
    tried,
    closedBecause,
    error: (pointer) => {
      const said = register.problem?.fields.find((field) => field.pointer === pointer);
      const known = tried === 0 ? undefined : facts.find((problem) => problem.pointer === pointer);
      return said?.message ?? known?.message ?? null;
    },
    write: useCallback(
      (change) => {
        update((was) => ({ ...was, ...change, touched: touching(was, Object.keys(change)) }));
      },
      [update],
    ),
    changeField: useCallback(
      (index, change) => {
        update((was) => ({
          ...was,
          fields: was.fields.map(
            (field, at) =>
              (at === index ? { ...field, ...change } : field) as RegisterDraft["fields"][number],
          ),
          touched: touching(was, ["contract"]),
        }));
      },
      [update],
    ),
    chooseModel,
    submit: () => {
      if (closedBecause !== null || register.pending) return;
      setTried((count) => count + 1);
      if (problems.length === 0) register.send({ draft, call });
    },
    discard: () => {
      upload.cancel();
      setTried(0);
      discard();
    },
  };
}

function useOnRead(view: NewVersionView, update: Update) {
  return useCallback(
    (uploaded: UploadedArtifact, parts: UploadParts) => {
      const names = { file: parts.model.name, sample: parts.sample?.name ?? "" };
      update((was) =>
        withUpload(was, uploaded, names, view.chosen?.name === was.existing ? view.chosen : null),
      );
    },
    [update, view.chosen],
  );
}

/** What a model that was just chosen brings, once the server has said. */
function useChosen({ chosen }: NewVersionView, existing: string | null, update: Update): void {
  const [brought, setBrought] = useState(chosen?.name ?? null);
  useEffect(() => {
    if (chosen === null || chosen.name !== existing || chosen.name === brought) return;
    setBrought(chosen.name);
    update((was) => withModel(was, chosen));
  }, [chosen, existing, brought, update]);
}
