import { ApiProblem, problemOf } from "#lib/client/api-client.ts";
import { uploadedArtifact, type UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";

export type UploadProgress = {
  readonly sentBytes: number;
  readonly totalBytes: number;
};

export type UploadParts = {
  readonly model: File;
  readonly external: readonly File[];
  readonly sample: File | null;
};

/**
 * Sends files to be read, with progress; fetch has none for what goes up. Resolves with what was read. Throws ApiProblem when it was refused or nobody answered,
 * and an AbortError when `signal` says so: what has been sent by then is thrown away on the other side.
 */
export function uploadArtifact(
  parts: UploadParts,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<UploadedArtifact> {
  const form = new FormData();
  form.set("model", parts.model);
  for (const file of parts.external) form.append("external", file);
  if (parts.sample !== null) form.set("sample", parts.sample);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
    };
    request.open("POST", "/api/v1/artifacts");
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress({ sentBytes: event.loaded, totalBytes: event.total });
    };
    request.onload = () => {
      signal.removeEventListener("abort", abort);
      settle(request.status, request.responseText).then(resolve, reject);
    };
    request.onerror = () => {
      signal.removeEventListener("abort", abort);
      reject(unanswered());
    };
    request.onabort = () => {
      reject(new DOMException("The upload was stopped.", "AbortError"));
    };
    signal.addEventListener("abort", abort, { once: true });
    request.send(form);
  });
}

async function settle(status: number, text: string): Promise<UploadedArtifact> {
  if (status < 200 || status > 299) throw problemOf(status, parseJson(text));
  return uploadedArtifact.parseAsync(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return {};
  }
}

const unanswered = (): ApiProblem =>
  new ApiProblem(0, {
    message: "The upload did not get through. Nothing was registered.",
    code: "unreachable",
    fields: [],
    hint: "Check the connection, then choose the file again.",
    requestId: null,
  });
