"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { comparePath, modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { ComparisonView } from "#lib/contracts/views/comparison-view.ts";
import { KeyHints } from "../ui/keys.tsx";
import { Strip } from "../shell/strip.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { useCompareKeys } from "./use-compare-keys.ts";

const lineClass = { same: undefined, added: "add", removed: "del", hunk: "hunk" } as const;
const lineWord = { same: "", added: "added: ", removed: "removed: ", hunk: "" } as const;

/** Two versions of a model side by side. */
export function ComparePage({ view }: { view: ComparisonView }) {
  const router = useRouter();
  const go = (from: string, to: string) => {
    router.push(comparePath(view.modelName, from, to));
  };
  useCompareKeys(view, go);
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: modelPath(view.modelName), label: view.modelName },
          { label: "Compare" },
        ]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            {view.modelName}: {view.from} and {view.to}
          </h1>
          <p className="verdict">{view.say}</p>
        </div>
        <div className="actionbar-wrap no-print">
          <form
            className="actionbar"
            aria-label="Versions to compare"
            onSubmit={(event) => {
              event.preventDefault();
            }}
          >
            <VersionChoice label="From" value={view.from} versions={view.versions} onChange={(name) => { go(name, view.to); }} />
            <VersionChoice label="To" value={view.to} versions={view.versions} onChange={(name) => { go(view.from, name); }} />
            <Button onClick={() => { go(view.to, view.from); }}>Swap</Button>
          </form>
        </div>
      </div>
      <PartsSection view={view} />
      <ContractDiffSection view={view} />
      <ChangeTable id="inventory" title={view.inventory.title} view={view} changes={view.inventory.changes} same={view.inventory.same} empty="The same in both." />
      {view.weights === null ? (
        <Section id="weights" title="Weights">
          <p className="small">{view.weightsNote}</p>
        </Section>
      ) : (
        <ChangeTable
          id="weights"
          title="Weights"
          view={view}
          changes={view.weights.changes}
          same={view.weights.same}
          empty={view.weightsNote ?? "The same bytes in both."}
          leftOut={view.weights.leftOut}
        />
      )}
      <KeyHints hints={[{ keys: ["["], does: "older" }, { keys: ["]"], does: "newer" }, { keys: ["x"], does: "swap" }, { keys: ["?"], does: "all keys" }]} />
    </>
  );
}

function VersionChoice({ label, value, versions, onChange }: { label: string; value: string; versions: readonly string[]; onChange: (name: string) => void }) {
  return (
    <label className="compare-choice">
      <span>{label}</span>
      <select
        className="input"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {versions.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function PartsSection({ view }: { view: ComparisonView }) {
  return (
    <Section id="parts" title="What was read" caption="from the bytes of both files" end={<Links view={view} />}>
      <div className="table-wrap">
        <table className="table table-compact">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">{view.from}</th>
              <th scope="col">{view.to}</th>
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <tr key={row.part}>
                <th scope="row">{row.part}</th>
                <td>{row.form === "digest" ? <Digest value={row.stable} /> : row.stable}</td>
                <td>
                  {row.form === "digest" ? <Digest value={row.candidate} /> : row.candidate}
                  {row.same ? <span className="muted">, same</span> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Links({ view }: { view: ComparisonView }): ReactNode {
  return (
    <>
      <ButtonLink href={versionPath(view.modelName, view.from)} small>
        Open {view.from}
      </ButtonLink>{" "}
      <ButtonLink href={versionPath(view.modelName, view.to)} small>
        Open {view.to}
      </ButtonLink>
    </>
  );
}

function ContractDiffSection({ view }: { view: ComparisonView }) {
  const { contract } = view;
  return (
    <Section id="contract" title="Input contract" caption={contract.summary}>
      {contract.lines.length === 0 ? null : (
        <div className="diff" role="region" aria-label="Input contract, differences" tabIndex={0}>
          {contract.lines.map((line, index) => (
            <div key={index} className={lineClass[line.kind]}>
              <span className="vh">{lineWord[line.kind]}</span>
              {line.text}
            </div>
          ))}
        </div>
      )}
      {contract.note === null ? null : <p className="caption diff-note">{contract.note}</p>}
    </Section>
  );
}

type ChangeTableProps = {
  readonly id: string;
  readonly title: string;
  readonly view: ComparisonView;
  readonly changes: ComparisonView["inventory"]["changes"];
  readonly same: number;
  readonly empty: string;
  readonly leftOut?: number;
};

function ChangeTable({ id, title, view, changes, same, empty, leftOut = 0 }: ChangeTableProps) {
  return (
    <Section id={id} title={title} caption={changes.length === 0 ? undefined : `${formatCount(changes.length + leftOut, "difference")}, ${formatNumber(same)} the same`}>
      {changes.length === 0 ? (
        <p className="small">{empty}</p>
      ) : (
        <div className="table-wrap">
          <table className="table table-compact">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">{view.from}</th>
                <th scope="col">{view.to}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={change.name}>
                  <th scope="row" className="mono">{change.name}</th>
                  <td>{change.from ?? <span className="muted">none</span>}</td>
                  <td>{change.to ?? <span className="muted">none</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
