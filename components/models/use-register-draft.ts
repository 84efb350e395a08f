"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { draftOf } from "#lib/client/contract-draft.ts";
import type { UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import type { NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import { modelNameFromFile, versionInFileName } from "#lib/domain/artifact/version-names.ts";
import { inheritContract } from "#lib/domain/contract/inherit-contract.ts";
import {
  emptyDraft,
  forgetDraft,
  readDraft,
  writeDraft,
  type RegisterDraft,
} from "./register-draft.ts";

const SAVE_AFTER_MS = 400;

type Chosen = NewVersionView["chosen"];

/** What a chosen model brings into the form: its own facts are shown, the parent and the next name are proposed. */
export function withModel(draft: RegisterDraft, chosen: Chosen): RegisterDraft {
  const mine = (name: string) => draft.touched.includes(name);
  if (chosen === null) return { ...draft, existing: null, parent: "" };
  const fromFile = draft.fileName === "" ? null : versionInFileName(draft.fileName);
  const free = chosen.versions.every(({ name }) => name !== fromFile);
  return withRules(
    {
      ...draft,
      existing: chosen.name,
      version: mine("version")
        ? draft.version
        : fromFile !== null && free
          ? fromFile
          : chosen.suggestedVersion,
      parent: mine("parent") ? draft.parent : (chosen.parent?.versionName ?? ""),
    },
    chosen,
  );
}

/** Fills the contract from what was read and, where fields are the same, from the parent. */
function withRules(draft: RegisterDraft, chosen: Chosen): RegisterDraft {
  const proposed = draft.uploaded?.contract ?? null;
  if (proposed === null || draft.touched.includes("contract")) return draft;
  const { contract, inherited } = inheritContract(proposed, chosen?.parent?.contract ?? null);
  return { ...draft, fields: contract.fields.map(draftOf).map(mutable), inherited: [...inherited] };
}

/** What reading a file brings into the form. A new file brings a new contract. */
export function withUpload(
  draft: RegisterDraft,
  uploaded: UploadedArtifact,
  names: { readonly file: string; readonly sample: string },
  chosen: Chosen,
): RegisterDraft {
  const mine = (name: string) => draft.touched.includes(name);
  const read: RegisterDraft = {
    ...draft,
    uploaded,
    fileName: names.file,
    sampleName: names.sample,
    touched: draft.touched.filter((name) => name !== "contract"),
    fields: [],
    inherited: [],
    name: mine("name") || draft.existing !== null ? draft.name : modelNameFromFile(names.file),
    version: mine("version")
      ? draft.version
      : (versionInFileName(names.file) ?? (draft.version === "" ? "1.0.0" : draft.version)),
    labelOutput: mine("labelOutput") ? draft.labelOutput : (uploaded.labelOutput ?? ""),
  };
  return chosen === null ? withRules(read, null) : withModel(read, chosen);
}

const mutable = (field: ReturnType<typeof draftOf>): RegisterDraft["fields"][number] =>
  structuredClone(field) as RegisterDraft["fields"][number];

export type DraftState = {
  readonly draft: RegisterDraft;
  /** False until the tab's own draft has been looked for: the server knows nothing of it. */
  readonly ready: boolean;
  readonly restored: boolean;
  readonly update: (change: (draft: RegisterDraft) => RegisterDraft) => void;
  readonly discard: () => void;
  /** It has become a version: nothing of it is kept any more, not even what changes while the next page loads. */
  readonly finish: () => void;
};

/** The draft, kept in this tab: saved a moment after the last change, read back after a reload. */
export function useRegisterDraft(chosen: Chosen): DraftState {
  const [draft, setDraft] = useState<RegisterDraft>(() =>
    withModel(emptyDraft(chosen?.name ?? null), chosen),
  );
  const [ready, setReady] = useState(false);
  const [restored, setRestored] = useState(false);
  const changed = useRef(false);
  const finished = useRef(false);
  const first = useRef(chosen);

  useEffect(() => {
    const kept = readDraft();
    const wanted = first.current;
    // The address says which model is meant; a draft of another one is not it.
    if (kept !== null && (wanted === null || kept.existing === wanted.name)) {
      setDraft(kept);
      setRestored(kept.fileName !== "" || kept.touched.length > 0);
    }
    setReady(true);
  }, []);

  useEffect(() => {
    if (!changed.current) return;
    const timer = setTimeout(() => {
      if (!finished.current) writeDraft(draft);
    }, SAVE_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [draft]);

  const update = useCallback((change: (draft: RegisterDraft) => RegisterDraft) => {
    changed.current = true;
    setDraft(change);
  }, []);
  const discard = useCallback(() => {
    changed.current = false;
    forgetDraft();
    setRestored(false);
    setDraft(withModel(emptyDraft(first.current?.name ?? null), first.current));
  }, []);
  const finish = useCallback(() => {
    finished.current = true;
    forgetDraft();
  }, []);
  return { draft, ready, restored, update, discard, finish };
}
