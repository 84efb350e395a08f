"use client";

import { useId, useRef, useState, type ChangeEvent, type DragEvent } from "react";
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
/** Only to tell the model from the files beside it: what it is, its bytes say. */
const isModel = (file: File) => /\.(onnx|pmml|xml|pb|pkl|pickle|joblib|pt|pth|zip|tar|tgz|gz)$/i.test(file.name);

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
  const { upload, uploaded, closed } = props;
  const [over, setOver] = useState(false);
  const [last, setLast] = useState<UploadParts | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const id = useId();
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
  return (
    <Section
      id="file"
      title="File"
      caption={
        uploaded === null
          ? "read, never run, in the control plane"
          : "read and never run; kept a day until it is registered"
      }
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
        <DropText {...props} name={last?.model.name ?? ""} />
        <DropActs {...props} buttonId={`${id}-file`} hasFile={last !== null} take={take} />
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

function DropText({
  upload,
  uploaded,
  fileName,
  sampleName,
  maxUploadBytes,
  name,
}: FileSectionProps & { name: string }) {
  if (upload.state.kind === "sending") {
    return (
      <div>
        <Sending name={name} {...upload.state.progress} />
      </div>
    );
  }
  if (uploaded === null) {
    return (
      <div>
        <b>Drop a model file here, or choose one</b>
        <span className="small">
          ONNX, PMML, a TensorFlow SavedModel as one archive, or a pickle. Files with the weights of an
          ONNX model and a CSV of sample rows may come with it.
          {maxUploadBytes === null ? "" : ` Up to ${formatBytes(maxUploadBytes)}.`}
        </span>
      </div>
    );
  }
  const { sizeBytes } = uploaded.inspection;
  const weights = uploaded.files.length - 1;
  return (
    <div>
      <b>{fileName}</b>
      <span className="small">
        {formatBytes(sizeBytes)} ({formatNumber(sizeBytes)} bytes)
        {weights > 0 ? ` and ${formatCount(weights, "file")} with weights` : ""}.{" "}
        {sampleName === "" ? "No sample rows." : `Sample rows from ${sampleName}.`}
      </span>
    </div>
  );
}

type ActsProps = FileSectionProps & {
  readonly buttonId: string;
  readonly hasFile: boolean;
  readonly take: (files: readonly File[]) => void;
};

function DropActs({ upload, uploaded, sampleName, closed, buttonId, hasFile, take }: ActsProps) {
  const picker = useRef<HTMLInputElement>(null);
  const samplePicker = useRef<HTMLInputElement>(null);
  const taken = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = "";
    take(files);
  };
  return (
    <div className="drop-acts">
      {upload.state.kind === "sending" ? (
        <Button onClick={upload.cancel}>Stop</Button>
      ) : (
        <>
          <Button
            variant={uploaded === null ? "primary" : "plain"}
            id={buttonId}
            closed={closed}
            onClick={() => picker.current?.click()}
          >
            {uploaded === null ? "Choose a file" : "Replace"}
          </Button>
          {hasFile && uploaded !== null ? (
            <Button onClick={() => samplePicker.current?.click()}>
              {sampleName === "" ? "Add sample rows" : "Other sample rows"}
            </Button>
          ) : null}
        </>
      )}
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Model file"
        accept=".onnx,.pmml,.xml,.pb,.pkl,.pickle,.joblib,.pt,.pth,.zip,.tar,.tgz,.gz,.csv,.data,.bin,.weights"
        onChange={taken}
      />
      <input
        ref={samplePicker}
        type="file"
        hidden
        aria-label="Sample rows"
        accept=".csv,.tsv,.txt"
        onChange={taken}
      />
    </div>
  );
}

function Sending({
  name,
  sentBytes,
  totalBytes,
}: {
  name: string;
  sentBytes: number;
  totalBytes: number;
}) {
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
      <progress
        className="upload-progress"
        value={share}
        max={1}
        aria-label={`Upload of ${name}`}
      />
    </>
  );
}

function ReadFacts({ uploaded }: { uploaded: UploadedArtifact }) {
  const { signature, inspection, findings, modelDigest } = uploaded;
  const tensors = (list: NonNullable<typeof signature>["inputs"]) =>
    list.length > 3
      ? `${String(list.length)} tensors: ${list
          .slice(0, 3)
          .map(({ name }) => name)
          .join(", ")} and ${String(list.length - 3)} more`
      : list.map((tensor) => `${tensor.name} ${tensorText(tensor)}`).join("; ");
  return (
    <div className="reg-read">
      <div className="facts-2">
        <Facts facts={inspectionFacts(inspection)} />
        <Facts
          facts={[
            ...(signature === null
              ? []
              : signature.inputs.length === 0
              ? [{ label: "Inputs", value: "not stated in the file" }]
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
      <path
        d="M24 4v8h8M14 20h13M14 25h13M14 30h8"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
      />
    </svg>
  );
}
