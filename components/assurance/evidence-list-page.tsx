import Link from "next/link";
import type { EvidenceListView } from "#lib/contracts/views/assurance-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { Digest } from "../ui/digest.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

const VERDICTS = { passed: { shape: "passed", word: "Passed" }, failed: { shape: "failed", word: "Failed" }, noted: { shape: "draft", word: "Noted" } } as const;

/** Every fact, newest first, of a kind or a verdict. */
export function EvidenceListPage({ view }: { view: EvidenceListView }) {
  const { kind, verdict } = view.filter;
  const search = new URLSearchParams([...(kind === null ? [] : [["kind", kind]]), ...(verdict === null ? [] : [["verdict", verdict]]), ...(view.next === null ? [] : [["cursor", view.next]])]);
  return (
    <>
      <Strip crumbs={[{ href: "/assurance", label: "Assurance" }, { label: "Evidence" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Evidence</h1>
          <p className="sub">One table of facts, each about one thing by its digest. Nothing is ever changed or taken away; a newer fact counts instead.</p>
        </div>
      </div>
      <form method="get" className="row assurance-acts">
        <label className="field" htmlFor="f-kind">
          <span>Kind</span>
          <select id="f-kind" name="kind" className="input" defaultValue={kind ?? ""}>
            <option value="">All kinds</option>
            {view.kinds.map(({ id, label }) => (
              <option key={id} value={id}>{label}</option>
            ))}
          </select>
        </label>
        <label className="field" htmlFor="f-verdict">
          <span>Verdict</span>
          <select id="f-verdict" name="verdict" className="input" defaultValue={verdict ?? ""}>
            <option value="">Any</option>
            <option value="passed">Passed</option>
            <option value="failed">Failed</option>
            <option value="noted">Noted</option>
          </select>
        </label>
        <button type="submit" className="btn">Show</button>
      </form>
      <Section id="facts" title="Facts" caption={`${String(view.rows.length)} shown`}>
        {view.rows.length === 0 ? (
          <EmptyState title="No fact of this kind" heading="h3" command="npm run slipway -- evidence kinds">
            Facts are made as versions are registered and released, or sent by people and pipelines.
          </EmptyState>
        ) : (
          <div className="table-wrap">
            <table className="table table-compact top is-cards">
              <thead>
                <tr>
                  <th scope="col">Fact</th>
                  <th scope="col" className="w-state">Verdict</th>
                  <th scope="col">What it says</th>
                  <th scope="col">About</th>
                  <th scope="col">Made</th>
                  <th scope="col">Counts until</th>
                </tr>
              </thead>
              <tbody>
                {view.rows.map((row) => (
                  <tr key={row.id}>
                    <th scope="row" className="first-th">{row.title}</th>
                    <td className="v-cell"><Status shape={VERDICTS[row.verdict].shape}>{VERDICTS[row.verdict].word}</Status></td>
                    <td className="wide">
                      {row.summary}
                      {row.documentDigest === null ? null : (
                        <small>
                          <a href={`/api/v1/evidence/documents/${row.documentDigest}`} download>Document</a> <Digest value={row.documentDigest} />
                        </small>
                      )}
                    </td>
                    <td data-label="About">
                      <div>{row.subjectType} <Digest value={row.subjectDigest} /></div>
                    </td>
                    <td data-label="Made">
                      <div>
                        <Instant at={row.producedAt} now={view.asOf} seconds={false} />
                        <small>{row.producer}</small>
                      </div>
                    </td>
                    <td data-label="Counts until">{row.countsUntil === null ? "no end" : <Instant at={row.countsUntil} now={view.asOf} seconds={false} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {view.next === null ? null : (
          <p>
            <Link href={`/assurance/evidence?${search.toString()}`} prefetch={false}>Older</Link>
          </p>
        )}
      </Section>
    </>
  );
}
