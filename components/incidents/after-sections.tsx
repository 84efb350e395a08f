"use client";

import { INCIDENT_DUTIES, type IncidentView } from "#lib/contracts/incident-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

type Props = { readonly view: IncidentView; readonly path: string };
const dutyWords = { lead: "Lead", communications: "Communications", expert: "Expert", observer: "Observer" } as const;

export function PeopleSection({ view, path }: Props) {
  return (
    <Section id="people" title="People" caption={view.people.length === 0 ? "nobody yet" : undefined}>
      {view.people.length === 0 ? null : <Facts facts={view.people.map(({ name, duty }) => ({ label: dutyWords[duty], value: name }))} />}
      {view.mayEdit ? (
        <details className="field-more">
          <summary>Bring somebody in</summary>
          <RecordForm
            id="person"
            path={`${path}/people`}
            button="Bring in"
            busy="Recording"
            variant="plain"
            fields={[
              { name: "person", label: "E-mail address", kind: "text" },
              { name: "duty", label: "As", kind: "select", initial: "lead", options: INCIDENT_DUTIES.map((value) => ({ value, label: dutyWords[value] })) },
            ]}
          />
        </details>
      ) : null}
    </Section>
  );
}

const actionWords = { open: { shape: "awaiting", word: "Open" }, done: { shape: "passed", word: "Done" }, dropped: { shape: "draft", word: "Dropped" } } as const;

export function ActionsSection({ view, now, path }: Props & { readonly now: string }) {
  return (
    <Section id="actions" title="Corrective actions" caption={view.actions.length === 0 ? "none yet" : undefined}>
      {view.actions.length === 0 ? null : (
        <div className="table-wrap">
          <table className="table table-compact is-cards">
            <thead>
              <tr>
                <th scope="col">Action</th>
                <th scope="col">Owner</th>
                <th scope="col">Due</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {view.actions.map((action) => {
                const late = action.state === "open" && action.dueAt < now;
                return (
                  <tr key={action.id}>
                    <th scope="row" className="wide">
                      {action.title}
                      {action.note === null ? null : <small>{action.note}</small>}
                      {view.mayEdit && action.state === "open" ? (
                        <details className="field-more">
                          <summary>End it</summary>
                          <RecordForm
                            id={`action-${action.id}`}
                            path={`${path}/actions/${action.id}`}
                            button="Record"
                            busy="Recording"
                            variant="plain"
                            fields={[
                              { name: "state", label: "It is", kind: "select", initial: "done", options: [{ value: "done", label: "Done" }, { value: "dropped", label: "Dropped" }] },
                              { name: "note", label: "What was done, or why not", kind: "area", rows: 2 },
                            ]}
                          />
                        </details>
                      ) : null}
                    </th>
                    <td data-label="Owner">{action.owner}</td>
                    <td data-label="Due" className="nowrap">
                      <Instant at={action.dueAt} now={now} seconds={false} />
                    </td>
                    <td className="v-cell">
                      <Status shape={late ? "failed" : actionWords[action.state].shape}>{late ? "Overdue" : actionWords[action.state].word}</Status>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {view.mayEdit ? (
        <details className="field-more">
          <summary>Add a corrective action</summary>
          <RecordForm
            id="action"
            path={`${path}/actions`}
            button="Add it"
            busy="Adding"
            variant="plain"
            fields={[
              { name: "title", label: "What shall be done", kind: "text" },
              { name: "owner", label: "E-mail address of the owner", kind: "text" },
              { name: "dueAt", label: "Due", kind: "time" },
            ]}
          />
        </details>
      ) : null}
    </Section>
  );
}

const parts = [
  { name: "whatHappened", label: "What happened" },
  { name: "rootCause", label: "Root cause" },
  { name: "whatWorked", label: "What worked" },
  { name: "whatDidNot", label: "What did not work" },
  { name: "lessons", label: "Lessons" },
] as const;

export function PostMortemSection({ view, now, path }: Props & { readonly now: string }) {
  const { postMortem } = view;
  return (
    <Section
      id="post-mortem"
      title="Post-mortem"
      caption={
        postMortem === null ? (
          view.severity === "minor" ? "not asked for a minor incident" : "not written yet"
        ) : (
          <>
            by {postMortem.by}, <Instant at={postMortem.at} now={now} seconds={false} />
          </>
        )
      }
    >
      {postMortem === null ? null : <Facts facts={parts.map(({ name, label }) => ({ label, value: postMortem[name] }))} />}
      {view.mayEdit ? (
        <details className="field-more">
          <summary>{postMortem === null ? "Write it" : "Write it anew"}</summary>
          <RecordForm
            id="post-mortem-form"
            path={`${path}/post-mortem`}
            button="Record the post-mortem"
            busy="Recording"
            fields={parts.map(({ name, label }) => ({ name, label, kind: "area" as const, initial: postMortem?.[name] ?? "" }))}
          />
        </details>
      ) : null}
    </Section>
  );
}
