"use client";

import { useState } from "react";
import { advisePattern, PATTERN_FACTS, type ServingNeeds } from "#lib/domain/serving/pattern-choice.ts";
import { endpointPatterns, type EndpointPattern } from "#lib/contracts/registry-api.ts";
import { Field, PickGroup, Select, TextInput } from "../ui/field.tsx";
import { Status } from "../ui/status.tsx";

const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof UNITS;
const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text);

type Draft = { readonly within: string; readonly unit: Unit; readonly perDay: string; readonly arrival: ServingNeeds["arrival"]; readonly connectivity: ServingNeeds["connectivity"] };

const LABELS: Readonly<Record<EndpointPattern, string>> = { online: "Online requests", batch: "Batch jobs", edge: "On devices" };

function needsOf({ within, unit, perDay, arrival, connectivity }: Draft): ServingNeeds | null {
  const [answerWithinMs, daily] = [Number(within) * UNITS[unit], Number(perDay)];
  if (!(answerWithinMs >= 1) || !(daily >= 1)) return null;
  return { answerWithinMs: Math.round(answerWithinMs), perDay: Math.round(daily), arrival, connectivity };
}

/** How the endpoint is used: chosen, with a recommendation worked out from one's own numbers and the reasons for every pattern. */
export function PatternChoice({ value, onChange }: { value: EndpointPattern; onChange: (pattern: EndpointPattern) => void }) {
  const [draft, setDraft] = useState<Draft>({ within: "200", unit: "ms", perDay: "100000", arrival: "requests", connectivity: "always" });
  const set = (change: Partial<Draft>): void => {
    setDraft((now) => ({ ...now, ...change }));
  };
  const needs = needsOf(draft);
  const advice = needs === null ? null : advisePattern(needs);
  const best = PATTERN_FACTS.find(({ pattern }) => pattern === advice?.recommended);
  return (
    <>
      <PickGroup
        id="pattern"
        legend="How it is used; it stays"
        name="pattern"
        value={value}
        options={endpointPatterns.map((pattern) => ({ value: pattern, label: LABELS[pattern] }))}
        onChange={(chosen) => {
          onChange(endpointPatterns.find((pattern) => pattern === chosen) ?? "online");
        }}
      />
      <details className="pattern-help">
        <summary>Not sure? Work it out from your numbers</summary>
        <div className="form-2">
          <Field id="need-within" label="An answer is needed within" error={needs === null ? "A number above 0." : null}>
            <span className="joined">
              <TextInput id="need-within" type="number" min={1} value={draft.within} onChange={(event) => { set({ within: event.target.value }); }} />
              <Select
                id="need-unit"
                aria-label="Unit"
                value={draft.unit}
                onChange={(event) => {
                  if (isUnit(event.target.value)) set({ unit: event.target.value });
                }}
              >
                {Object.keys(UNITS).map((unit) => (
                  <option key={unit}>{unit}</option>
                ))}
              </Select>
            </span>
          </Field>
          <Field id="need-rate" label="Inputs a day">
            <TextInput id="need-rate" type="number" min={1} value={draft.perDay} onChange={(event) => { set({ perDay: event.target.value }); }} />
          </Field>
        </div>
        <PickGroup
          id="need-arrival"
          legend="They come as"
          name="need-arrival"
          value={draft.arrival}
          options={[
            { value: "requests", label: "Single requests" },
            { value: "events", label: "A flow of events" },
            { value: "files", label: "Files of rows" },
          ]}
          onChange={(chosen) => {
            set({ arrival: chosen === "events" ? "events" : chosen === "files" ? "files" : "requests" });
          }}
        />
        <PickGroup
          id="need-network"
          legend="The network is there"
          name="need-network"
          value={draft.connectivity}
          options={[
            { value: "always", label: "Always" },
            { value: "sometimes", label: "Not always" },
          ]}
          onChange={(chosen) => {
            set({ connectivity: chosen === "sometimes" ? "sometimes" : "always" });
          }}
        />
        {advice === null ? null : (
          <div aria-live="polite">
            <p className="verdict">
              {best === undefined ? advice.because : `${best.label}. ${advice.because}`}
              {best === undefined || best.isAvailable ? "" : " This version cannot make such an endpoint yet."}
            </p>
            <PatternTable advice={advice} />
          </div>
        )}
      </details>
    </>
  );
}

function PatternTable({ advice }: { advice: ReturnType<typeof advisePattern> }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>All patterns, for your numbers.</caption>
        <thead>
          <tr>
            <th scope="col">Pattern</th>
            <th scope="col">For you</th>
            <th scope="col">What it is like</th>
          </tr>
        </thead>
        <tbody>
          {PATTERN_FACTS.map((facts) => {
            const fit = advice.fits.find(({ pattern }) => pattern === facts.pattern);
            return (
              <tr key={facts.pattern}>
                <th scope="row" className="first-th">
                  {facts.label}
                  {facts.isAvailable ? null : <small>not in this version</small>}
                </th>
                <td>
                  <Status shape={fit?.fits === true ? "passed" : "failed"}>{fit?.fits === true ? "Fits" : "Does not fit"}</Status>
                  {fit?.fits === true ? null : <small>{fit?.reasons.join(" ")}</small>}
                </td>
                <td>
                  Answers in {facts.latency}; upkeep {facts.complexity}.
                  <small>
                    Throughput: {facts.throughput}. Way back: {facts.rollback}.
                  </small>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
