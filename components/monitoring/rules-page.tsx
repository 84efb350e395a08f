"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { classWords, figure, unitWords } from "#lib/client/monitoring-words.ts";
import { rulesQuery } from "#lib/client/monitoring-queries.ts";
import type { RulesView } from "#lib/contracts/views/monitoring-view.ts";
import { ruleWindows } from "#lib/domain/drift/alert-rules.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Strip } from "../shell/strip.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { Status } from "../ui/status.tsx";
import { useMonitoringAct } from "./use-monitoring-act.ts";

type Rule = RulesView["rules"][number];
/** What is typed: limits as text, in the unit people read (percent instead of share). */
type Draft = { readonly enabled: boolean; readonly limit: string; readonly windowSeconds: number; readonly minimum: string; readonly severity: Rule["severity"]; readonly opensIncident: boolean };

const windowWords: Readonly<Record<number, string>> = { 10: "10 s", 60: "1 min", 300: "5 min", 3600: "1 h", 86_400: "1 day" };
const shown = (rule: Pick<Rule, "limit" | "unit">): string => (rule.limit === null ? "" : String(rule.unit === "share" ? Number((rule.limit * 100).toPrecision(12)) : rule.limit));
const draftOf = (rule: Rule): Draft => ({ enabled: rule.enabled, limit: shown(rule), windowSeconds: rule.windowSeconds, minimum: String(rule.minimum), severity: rule.severity, opensIncident: rule.opensIncident });

function limitFrom(text: string, unit: Rule["unit"]): number | null {
  if (text.trim() === "") return null;
  const value = Number(text.replace(",", "."));
  return unit === "share" ? Number((value / 100).toPrecision(12)) : value;
}

/** The rules of one endpoint: limit, window, least events, how loud, and whether an incident opens. */
export function RulesPage({ initial }: { initial: RulesView }) {
  const { data } = useQuery({ ...rulesQuery(initial.endpointName), initialData: initial });
  const base = `/endpoints/${encodeURIComponent(data.endpointName)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: base, label: data.endpointName }, { href: `${base}/monitoring`, label: "Monitoring" }, { label: "Alert rules" }]} asOf={data.asOf} />
      <div className="page-head">
        <div>
          <h1>Alert rules of {data.endpointName}</h1>
          <p className="sub">{data.isDefault ? "These are the defaults; nobody has changed them." : "Changed from the defaults."} An empty limit is shown on the monitoring page and never judged.</p>
        </div>
      </div>
      <RulesForm key={data.rowVersion} view={data} />
    </>
  );
}

function RulesForm({ view }: { view: RulesView }) {
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>(() => Object.fromEntries(view.rules.map((rule) => [rule.key, draftOf(rule)])));
  const [reason, setReason] = useState("");
  const [saved, setSaved] = useState(false);
  const act = useMonitoringAct();
  const change = (key: string, part: Partial<Draft>) => {
    setSaved(false);
    setDrafts((known) => ({ ...known, [key]: { ...(known[key] ?? draftOf(view.rules.find((rule) => rule.key === key) ?? emptyRule())), ...part } }));
  };
  const send = async () => {
    const rules = view.rules.map((rule) => {
      const draft = drafts[rule.key] ?? draftOf(rule);
      return { key: rule.key, enabled: draft.enabled, limit: limitFrom(draft.limit, rule.unit), windowSeconds: draft.windowSeconds, minimum: Number(draft.minimum), severity: draft.severity, opensIncident: draft.opensIncident };
    });
    const done = await act.send(`/api/v1/endpoints/${encodeURIComponent(view.endpointName)}/alert-rules`, { rules, reason }, { method: "PUT", rowVersion: view.rowVersion });
    setSaved(done);
    if (done) setReason("");
  };
  const idOf = (pointer: string): string | null => {
    const [, , place, field] = pointer.split("/");
    if (pointer === "/reason") return "rules-reason";
    const rule = view.rules[Number(place)];
    return rule === undefined || field === undefined ? null : `${rule.key}-${field}`;
  };
  const isClosed = !view.mayEdit.open;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={idOf} />
      <div className="table-wrap">
        <table className="table table-compact is-cards rules-table">
          <caption>Two windows out of three past the limit fire; below four fifths of it for three windows it is over.</caption>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">On</th>
              <th scope="col">Limit</th>
              <th scope="col">Window</th>
              <th scope="col">Least events</th>
              <th scope="col">Loudness</th>
              <th scope="col">Opens an incident</th>
            </tr>
          </thead>
          <tbody>
            {view.rules.map((rule, place) => (
              <RuleRow key={rule.key} rule={rule} draft={drafts[rule.key] ?? draftOf(rule)} isClosed={isClosed} error={fieldMessage(act.problem, `/rules/${String(place)}/limit`)} onChange={(part) => { change(rule.key, part); }} />
            ))}
          </tbody>
        </table>
      </div>
      {isClosed ? (
        <p className="caption">{view.mayEdit.closedBecause}</p>
      ) : (
        <div className="settings-form">
          <Field id="rules-reason" label="Why" wide hint="Kept in the audit trail beside what changed." error={fieldMessage(act.problem, "/reason")}>
            <TextArea id="rules-reason" rows={2} maxLength={1000} hinted error={fieldMessage(act.problem, "/reason")} value={reason} onChange={(event) => { setReason(event.target.value); }} />
          </Field>
          <div className="row">
            <Button type="submit" variant="primary" closed={act.pending}>{act.pending ? "Saving" : "Save rules"}</Button>
            <span role="status">{saved ? <Status shape="passed">Saved; in force from the next window</Status> : null}</span>
          </div>
        </div>
      )}
    </form>
  );
}

const emptyRule = (): never => {
  throw new Error("A rule is missing.");
};

function RuleRow({ rule, draft, isClosed, error, onChange }: { rule: Rule; draft: Draft; isClosed: boolean; error: string | null; onChange: (part: Partial<Draft>) => void }) {
  const unit = unitWords[rule.unit];
  return (
    <tr>
      <th scope="row" className="first-th">
        {rule.title}
        <small>{classWords[rule.signalClass]}. {rule.meaning}</small>
      </th>
      <td data-label="On">
        <input type="checkbox" id={`${rule.key}-enabled`} aria-label={`${rule.title}: on`} disabled={isClosed} checked={draft.enabled} onChange={(event) => { onChange({ enabled: event.target.checked }); }} />
      </td>
      <td data-label="Limit">
        <TextInput id={`${rule.key}-limit`} className="input-short" aria-label={`${rule.title}: ${rule.above ? "limit" : "floor"}${unit === "" ? "" : ` in ${unit}`}`} inputMode="decimal" disabled={isClosed} error={error} value={draft.limit} placeholder="none" onChange={(event) => { onChange({ limit: event.target.value }); }} /> {unit}
        <small>{error ?? `${rule.above ? "at or above" : "below"}; default ${rule.defaultLimit === null ? "none" : figure(rule.unit, rule.defaultLimit)}`}</small>
      </td>
      <td data-label="Window">
        <Select id={`${rule.key}-windowSeconds`} aria-label={`${rule.title}: window`} disabled={isClosed} value={String(draft.windowSeconds)} onChange={(event) => { onChange({ windowSeconds: Number(event.target.value) }); }}>
          {ruleWindows.map((seconds) => <option key={seconds} value={seconds}>{windowWords[seconds]}</option>)}
        </Select>
      </td>
      <td data-label="Least events">
        <TextInput id={`${rule.key}-minimum`} className="input-short" aria-label={`${rule.title}: least events`} inputMode="numeric" disabled={isClosed} value={draft.minimum} onChange={(event) => { onChange({ minimum: event.target.value }); }} />
      </td>
      <td data-label="Loudness">
        <Select id={`${rule.key}-severity`} aria-label={`${rule.title}: loudness`} disabled={isClosed} value={draft.severity} onChange={(event) => { onChange({ severity: event.target.value === "page" ? "page" : "ticket" }); }}>
          <option value="page">page</option>
          <option value="ticket">ticket</option>
        </Select>
      </td>
      <td data-label="Opens an incident">
        <input type="checkbox" id={`${rule.key}-opensIncident`} aria-label={`${rule.title}: opens an incident`} disabled={isClosed} checked={draft.opensIncident} onChange={(event) => { onChange({ opensIncident: event.target.checked }); }} />
      </td>
    </tr>
  );
}
