"use client";

import { useId, useRef, useState, type DragEvent } from "react";
import { formatBytes, formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import { inspectionFacts, tensorText } from "#lib/domain/artifact/inspection-facts.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { FindingsTable } from "./findings-table.tsx";
import type { UploadParts } from "#lib/client/upload-artifact.ts";
import type { Upload } from "./use-upload.ts";

export type FileSectionProps = {
  readonly upload: Upload;
  readonly uploaded: UploadedArtifact | null;
  readonly fileName: string;
  readonly sampleName: string;
  readonly maxUploadBytes: number | null;
  readonly closed: boolean;
};

const isTable = (file: File) => /\.(csv|tsv|txt)$/i.test(file.name);
const isModel = (file: File) => /\.onnx$/i.test(file.name);

/** The model among dropped files: the one that is called so, else the first that is no table. */
function sortFiles(files: readonly File[], before: UploadParts | null): UploadParts | null {
  const sample = files.find(isTable) ?? null;
  const rest = files.filter((file) => file !== sample);
  const model = rest.find(isModel) ?? rest[0] ?? null;
  if (model === null) {
    return before === null || sample === null ? null : { ...before, sample };
  }
  return { model, external: rest.filter((file) => file !== model), sample };
}

/** 1. The file: drop or choose, watch it go up, see what was read from it. */
export function FileSection(props: FileSectionProps) {
  const { upload, uploaded, fileName, closed } = props;
  const [over, setOver] = useState(false);
  const [last, setLast] = useState<UploadParts | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const id = useId();
  const picker = useRef<HTMLInputElement>(null);
  const samplePicker = useRef<HTMLInputElement>(null);
  const take = (files: readonly File[]) => {
    if (closed || files.length === 0) return;
    const parts = sortFiles(files, last);
    if (parts === null) {
      setNote("That is a table. Choose the model file first, or both together.");
      return;
    }
    setNote(null);
    setLast(parts);
    upload.start(parts);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  const sending = upload.state.kind === "sending";
  return (
    <Section
      id="file"
      title="File"
      caption={uploaded === null ? "read, never run, in the control plane" : "read and never run; kept a day until it is registered"}
    >
      {upload.state.kind === "refused" ? (
        <ApiProblemSummary problem={upload.state.problem} fieldFor={() => `${id}-file`} />
      ) : null}
      <div
        className={over ? "drop is-over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={drop}
      >
        <FileMark />
        <div>
          {upload.state.kind === "sending" ? (
            <Sending
              name={last?.model.name ?? ""}
              sentBytes={upload.state.progress.sentBytes}
              totalBytes={upload.state.progress.totalBytes}
            />
          ) : uploaded === null ? (
            <>
              <b>Drop an ONNX file here, or choose one</b>
              <span className="small">
                Files with its weights and a CSV of sample rows may come with it.
                {props.maxUploadBytes === null ? "" : ` Up to ${formatBytes(props.maxUploadBytes)}.`}
              </span>
            </>
          ) : (
            <>
              <b>{fileName}</b>
              <span className="small">
                {formatBytes(uploaded.inspection.sizeBytes)} ({formatNumber(uploaded.inspection.sizeBytes)}{" "}
                bytes)
                {uploaded.files.length > 1 ? ` and ${formatCount(uploaded.files.length - 1, "file")} with weights` : ""}
                . {props.sampleName === "" ? "No sample rows." : `Sample rows from ${props.sampleName}.`}
              </span>
            </>
          )}
        </div>
        <div className="drop-acts">
          {sending ? (
            <Button onClick={upload.cancel}>Stop</Button>
          ) : (
            <Button
              variant={uploaded === null ? "primary" : "plain"}
              id={`${id}-file`}
              closed={closed}
              onClick={() => picker.current?.click()}
            >
              {uploaded === null ? "Choose a file" : "Replace"}
            </Button>
          )}
          {!sending && last !== null && uploaded !== null ? (
            <Button onClick={() => samplePicker.current?.click()}>
              {props.sampleName === "" ? "Add sample rows" : "Other sample rows"}
            </Button>
          ) : null}
        </div>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Model file"
          accept=".onnx,.csv,.data,.bin,.weights"
          onChange={(event) => {
            take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <input
          ref={samplePicker}
          type="file"
          hidden
          aria-label="Sample rows"
          accept=".csv,.tsv,.txt"
          onChange={(event) => {
            const [sample] = [...(event.target.files ?? [])];
            event.target.value = "";
            if (sample !== undefined && last !== null) {
              setLast({ ...last, sample });
              upload.start({ ...last, sample });
            }
          }}
        />
      </div>
      <div aria-live="polite">
        {note === null ? null : <p className="small table-foot">{note}</p>}
        {uploaded !== null && last === null && props.sampleName === "" ? (
          <p className="caption table-foot">
            To add sample rows, choose the file again together with them.
          </p>
        ) : null}
      </div>
      {uploaded === null ? null : <ReadFacts uploaded={uploaded} />}
    </Section>
  );
}

function Sending({ name, sentBytes, totalBytes }: { name: string; sentBytes: number; totalBytes: number }) {
  const whole = sentBytes >= totalBytes;
  const share = totalBytes === 0 ? 1 : Math.min(1, sentBytes / totalBytes);
  return (
    <>
      <b>{name}</b>
      <span className="small">
        {whole
          ? "Sent. Reading it."
          : `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}, ${formatNumber(share * 100)}\u00a0%`}
      </span>
      <progress className="upload-progress" value={share} max={1} aria-label={`Upload of ${name}`} />
    </>
  );
}

function ReadFacts({ uploaded }: { uploaded: UploadedArtifact }) {
  const { signature, inspection, findings, modelDigest } = uploaded;
  const tensors = (list: NonNullable<typeof signature>["inputs"]) =>
    list.length > 3
      ? `${String(list.length)} tensors: ${list.slice(0, 3).map(({ name }) => name).join(", ")} and ${String(list.length - 3)} more`
      : list.map((tensor) => `${tensor.name} ${tensorText(tensor)}`).join("; ");
  return (
    <div className="reg-read">
      <div className="facts-2">
        <Facts facts={inspectionFacts(inspection)} />
        <Facts
          facts={[
            ...(signature === null
              ? []
              : [
                  { label: "Inputs", value: tensors(signature.inputs) },
                  { label: "Outputs", value: tensors(signature.outputs) },
                ]),
            {
              label: "Digest",
              value: (
                <>
                  <span className="digest-whole">{modelDigest}</span>{" "}
                  <CopyButton text={modelDigest} what="digest of the file" />
                </>
              ),
            },
          ]}
        />
      </div>
      <FindingsTable findings={findings} />
    </div>
  );
}

function FileMark() {
  return (
    <svg viewBox="0 0 40 40" aria-hidden="true">
      <path d="M9 4h15l8 8v24H9z" fill="none" stroke="currentColor" strokeWidth="1.75" />
      <path d="M24 4v8h8M14 20h13M14 25h13M14 30h8" fill="none" stroke="currentColor" strokeWidth="1.75" />
    </svg>
  );
}
