"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem } from "#lib/client/api-client.ts";
import {
  uploadArtifact,
  type UploadParts,
  type UploadProgress,
} from "#lib/client/upload-artifact.ts";
import type { UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";

export type UploadState =
  | { readonly kind: "idle" }
  | { readonly kind: "sending"; readonly progress: UploadProgress }
  | { readonly kind: "refused"; readonly problem: ApiProblem };

export type Upload = {
  readonly state: UploadState;
  readonly start: (parts: UploadParts) => void;
  readonly cancel: () => void;
};

const unreadable = (): ApiProblem =>
  new ApiProblem(0, {
    message:
      "The answer to the upload could not be read. Reload the page and choose the file again.",
    code: "unreadable",
    fields: [],
    hint: null,
    requestId: null,
  });

/** One upload at a time: a new one ends the old one, and so does leaving the page. */
export function useUpload(onRead: (read: UploadedArtifact, parts: UploadParts) => void): Upload {
  const [state, setState] = useState<UploadState>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = useCallback(
    (parts: UploadParts) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      const totalBytes = parts.model.size + (parts.sample?.size ?? 0);
      setState({ kind: "sending", progress: { sentBytes: 0, totalBytes } });
      uploadArtifact(
        parts,
        (progress) => {
          if (running.current === control) setState({ kind: "sending", progress });
        },
        control.signal,
      )
        .then((read) => {
          if (running.current !== control) return;
          setState({ kind: "idle" });
          onRead(read, parts);
        })
        .catch((cause: unknown) => {
          if (running.current !== control || control.signal.aborted) return;
          setState({
            kind: "refused",
            problem: cause instanceof ApiProblem ? cause : unreadable(),
          });
        });
    },
    [onRead],
  );
  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState({ kind: "idle" });
  }, []);
  return { state, start, cancel };
}
