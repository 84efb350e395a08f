"use client";

import { formatNumber } from "#lib/client/format-number.ts";
import type { RetentionView } from "#lib/contracts/retention-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

export type RetentionPageProps = {
  readonly view: RetentionView;
  readonly asOf: string;
  readonly models: readonly string[];
  readonly mayManage: boolean;
  readonly open: SettingsPlaces;
};

type ClassRow = RetentionView["classes"][number];

/** One act takes so many; a further one the rest. */
const MOST_TEXTS = 10_000;

const days = (value: number | null): string => (value === null ? "for good" : `${formatNumber(value)} days`);

/** How long records are kept, which rule of law says so, and what is on hold. */
export function RetentionPage({ view, asOf, models, mayManage, open }: RetentionPageProps) {
  const below = view.classes.filter(({ isBelowFloor }) => isBelowFloor).length;
  const inForce = view.holds.filter(({ liftedAt }) => liftedAt === null);
  return (
    <SettingsFrame
      title="Retention"
      sub={`${below === 0 ? "No rule is below a floor of law." : `${formatNumber(below)} of the rules are below a floor of law; the floor holds.`} ${
        inForce.length === 0 ? "Nothing is on legal hold." : `${formatNumber(inForce.length)} legal hold${inForce.length === 1 ? "" : "s"} in force.`
      }`}
      asOf={asOf}
      open={open}
    >
      <Section id="retention-classes" title="How long records are kept" caption="the longer of the rule and the strictest floor">
        <div className="table-wrap">
          <table className="table table-compact top is-cards">
            <thead>
              <tr>
                <th scope="col">Records</th>
                <th scope="col">Kept</th>
                <th scope="col">Asked for</th>
                <th scope="col">Floors of law</th>
                <th scope="col">Oldest record</th>
                <th scope="col">Next deletion</th>
              </tr>
            </thead>
            <tbody>
              {view.classes.map((row) => (
                <ClassLine key={row.recordClass} row={row} now={asOf} />
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      {mayManage ? (
        <Section id="retention-rule" title="Set a rule" caption="a shorter time than a floor of law is refused">
          <RecordForm
            id="rule"
            path="/api/v1/retention/rules"
            button="Set rule"
            busy="Setting"
            fields={[
              { name: "recordClass", label: "Records", kind: "select", initial: view.classes[0]?.recordClass ?? "", options: view.classes.map(({ recordClass, title }) => ({ value: recordClass, label: title })) },
              { name: "days", label: "Days", kind: "text", hint: "From when a record was made." },
              { name: "reason", label: "Reason", kind: "area", hint: "Kept in the audit trail." },
            ]}
          />
        </Section>
      ) : null}
      <PruningSection view={view} now={asOf} mayManage={mayManage} />
      <Section id="retention-holds" title="Legal holds" caption="nothing under a hold is deleted">
        {view.holds.length === 0 ? (
          <EmptyState heading="h3" title="No hold was ever placed.">A hold keeps records past their time, until somebody lifts it with a reason.</EmptyState>
        ) : (
          <HoldTable view={view} now={asOf} mayManage={mayManage} />
        )}
      </Section>
      {mayManage ? (
        <Section id="retention-hold" title="Place a hold">
          <RecordForm
            id="hold"
            path="/api/v1/retention/holds"
            button="Place hold"
            busy="Placing"
            fields={[
              { name: "name", label: "Matter", kind: "text", hint: "Such as a case number." },
              {
                name: "recordClass",
                label: "Records",
                kind: "select",
                optional: true,
                options: [{ value: "", label: "Every class" }, ...view.classes.map(({ recordClass, title }) => ({ value: recordClass, label: title }))],
              },
              { name: "model", label: "Model", kind: "select", optional: true, options: [{ value: "", label: "Every model" }, ...models.map((name) => ({ value: name, label: name }))] },
              { name: "reason", label: "Reason", kind: "area", hint: "Kept in the audit trail." },
            ]}
          />
        </Section>
      ) : null}
    </SettingsFrame>
  );
}

/** What of the trail may go, what went, and what stays of it. */
function PruningSection({ view, now, mayManage }: { view: RetentionView; now: string; mayManage: boolean }) {
  const { ready, rule, isHeld, acts } = view.pruning;
  const texts = (count: number): string => `${formatNumber(count)} text${count === 1 ? "" : "s"}`;
  return (
    <Section id="retention-pruning" title="Texts of the audit trail" caption={rule}>
      <p>
        {ready === 0 ? "No entry is past its time." : `${texts(ready)} of the trail ${ready === 1 ? "is" : "are"} past ${ready === 1 ? "its" : "their"} time.`}{" "}
        {isHeld ? "The trail is on legal hold: nothing is pruned." : "Nothing is pruned by itself."} Pruning takes the text of an entry; its hash, the tree and every signed checkpoint stay, so all proofs
        stay valid and say that the text was pruned.
      </p>
      {acts.length === 0 ? (
        <EmptyState heading="h3" title="No text was ever pruned.">The whole trail can be read.</EmptyState>
      ) : (
        <div className="table-wrap">
          <table className="table table-compact top is-cards">
            <thead>
              <tr>
                <th scope="col">Pruned</th>
                <th scope="col">Texts</th>
                <th scope="col">Entries</th>
                <th scope="col">Rule</th>
              </tr>
            </thead>
            <tbody>
              {acts.map((act) => (
                <tr key={act.id}>
                  <th scope="row" className="first-th wide">
                    <Instant at={act.prunedAt} now={now} seconds={false} />
                  </th>
                  <td data-label="Texts" className="num">
                    {formatNumber(act.texts)}
                  </td>
                  <td data-label="Entries" className="num">
                    {formatNumber(act.fromSeq)} to {formatNumber(act.toSeq - 1)}
                  </td>
                  <td data-label="Rule">{act.rule}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mayManage && ready > 0 && !isHeld ? (
        <RecordForm
          id="prune"
          path="/api/v1/retention/prunings"
          button={`Prune ${texts(Math.min(ready, MOST_TEXTS))}`}
          busy="Pruning"
          variant="danger"
          fields={[{ name: "reason", label: "Reason", kind: "area", rows: 2, hint: "Kept in the audit trail. A pruned text cannot be brought back." }]}
        />
      ) : null}
    </Section>
  );
}

function afterwards({ after, effectiveDays, recordClass }: ClassRow): string {
  if (recordClass === "audit_trail") return effectiveDays === null ? "never pruned" : "then texts may be pruned by a person; hashes stay";
  if (after === "kept") return "then kept on: the database deletes none";
  return effectiveDays === null ? "never deleted" : "then deleted";
}

function ClassLine({ row, now }: { row: ClassRow; now: string }) {
  return (
    <tr>
      <th scope="row" className="first-th wide">
        {row.title}
        <small>{row.holds}</small>
      </th>
      <td data-label="Kept" className="wide">
        <b className="num">{days(row.effectiveDays)}</b>
        <br />
        {row.isHeld ? <Status shape="holding">On hold</Status> : afterwards(row)}
      </td>
      <td data-label="Asked for" className="wide">
        {days(row.askedDays)}
        <small>{row.isDefault ? "as delivered" : `by ${row.setBy ?? "somebody"}: ${row.reason ?? ""}`}</small>
        {row.isBelowFloor ? <Status shape="failed">Below a floor</Status> : null}
      </td>
      <td data-label="Floors of law" className="wide">
        {row.floors.length === 0 ? (
          "none that applies"
        ) : (
          <ul className="plain-list">
            {row.floors.map((floor) => (
              <li key={floor.id}>
                <span className="num">{formatNumber(floor.days)} days</span>, {floor.citation}
                {floor.confidence === "memory" ? ", to be confirmed by counsel" : ""}. <span className="small">{floor.duty}.</span>
              </li>
            ))}
          </ul>
        )}
      </td>
      <td data-label="Oldest record">{row.oldestAt === null ? "none" : <Instant at={row.oldestAt} now={now} seconds={false} />}</td>
      <td data-label="Next deletion">{row.nextDeletionAt === null ? (row.oldestAt === null ? "none yet" : "never") : row.isHeld ? "not while held" : <Instant at={row.nextDeletionAt} now={now} seconds={false} />}</td>
    </tr>
  );
}

function HoldTable({ view, now, mayManage }: { view: RetentionView; now: string; mayManage: boolean }) {
  const titleOf = (recordClass: string | null) => view.classes.find((one) => one.recordClass === recordClass)?.title ?? "Every class";
  return (
    <div className="table-wrap">
      <table className="table table-compact top is-cards">
        <thead>
          <tr>
            <th scope="col">Matter</th>
            <th scope="col">Records</th>
            <th scope="col">Placed</th>
            <th scope="col">Standing</th>
          </tr>
        </thead>
        <tbody>
          {view.holds.map((hold) => (
            <tr key={hold.id}>
              <th scope="row" className="first-th wide">
                {hold.name}
                <small>{hold.reason}</small>
              </th>
              <td data-label="Records" className="wide">
                {titleOf(hold.recordClass)}
                <small>{hold.model ?? "every model"}</small>
              </td>
              <td data-label="Placed" className="wide">
                <Instant at={hold.placedAt} now={now} seconds={false} />
                <small>by {hold.placedBy}</small>
              </td>
              <td data-label="Standing" className="wide">
                {hold.liftedAt === null ? (
                  <>
                    <Status shape="holding">In force</Status>
                    {mayManage ? (
                      <details className="field-more">
                        <summary>
                          Lift <span className="vh">{hold.name}</span>
                        </summary>
                        <RecordForm
                          id={`lift-${hold.id}`}
                          path={`/api/v1/retention/holds/${hold.id}/lift`}
                          button="Lift the hold"
                          busy="Lifting"
                          variant="danger"
                          fields={[{ name: "reason", label: "Reason", kind: "area", rows: 2, hint: "What it kept may be deleted once its time is over." }]}
                        />
                      </details>
                    ) : null}
                  </>
                ) : (
                  <>
                    <Status shape="retired">Lifted</Status>
                    <small>
                      by {hold.liftedBy ?? "somebody"}: {hold.liftReason ?? ""}
                    </small>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
