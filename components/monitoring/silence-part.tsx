"use client";

import { useState } from "react";
import type { MonitoringView } from "#lib/contracts/views/monitoring-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select } from "../ui/field.tsx";
import { NoteDialog } from "./note-dialog.tsx";
import { useMonitoringAct } from "./use-monitoring-act.ts";

const spans = [["60", "1 hour"], ["480", "8 hours"], ["1440", "1 day"], ["10080", "7 days"]] as const;

/** Silences in force, and the dialog that makes one. */
export function SilencePart({ view, now }: { view: MonitoringView; now: string }) {
  const [isOpen, setOpen] = useState(false);
  const [rule, setRule] = useState("");
  const [minutes, setMinutes] = useState<string>("60");
  const act = useMonitoringAct();
  return (
    <div className="silences">
      {view.silences.map((silence) => (
        <p key={silence.silenceId} className="small">
          <b>{silence.title}</b>: no messages until <Instant at={silence.until} now={now} />. {silence.reason} ({silence.by}){" "}
          {view.maySilence.open ? (
            <Button small closed={act.pending} onClick={() => void act.send(`/api/v1/silences/${silence.silenceId}/end`, {})}>
              End it<span className="vh"> for {silence.title}</span>
            </Button>
          ) : null}
        </p>
      ))}
      <Button small closed={!view.maySilence.open} {...(view.maySilence.open ? {} : { "aria-describedby": "why-no-silence" })} onClick={() => { setOpen(true); }}>
        Silence messages
      </Button>
      {view.maySilence.open ? null : <span className="caption" id="why-no-silence"> {view.maySilence.closedBecause}</span>}
      <NoteDialog
        open={isOpen}
        onClose={() => { setOpen(false); }}
        act={act}
        title={`Send no messages about ${view.endpointName}`}
        submitLabel="Silence"
        label="Reason"
        pointer="/reason"
        send={(reason) => act.send(`/api/v1/endpoints/${encodeURIComponent(view.endpointName)}/silences`, { rule: rule === "" ? null : rule, minutes: Number(minutes), reason })}
      >
        <p>Rules go on being evaluated and shown; only messages are held back.</p>
        <Field id="silence-rule" label="Rule">
          <Select id="silence-rule" value={rule} onChange={(event) => { setRule(event.target.value); }}>
            <option value="">All rules</option>
            {view.signals.map(({ key, title }) => <option key={key} value={key}>{title}</option>)}
          </Select>
        </Field>
        <Field id="silence-span" label="For">
          <Select id="silence-span" value={minutes} onChange={(event) => { setMinutes(event.target.value); }}>
            {spans.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </Select>
        </Field>
      </NoteDialog>
    </div>
  );
}
