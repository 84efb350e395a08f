"use client";

import { useState } from "react";
import type { z } from "zod";
import { deleteAct, postAct } from "#lib/client/api-client.ts";
import { linkView, type PersonView } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";
import { assignmentOf, RoleFields, type RoleChoice } from "./role-fields.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { useSettingsAct } from "./use-settings-act.ts";

export type PeopleTableProps = {
  readonly people: readonly PersonView[];
  readonly environments: readonly string[];
  readonly mayManage: boolean;
  readonly viewerId: string;
  readonly now: string;
};

/** One row a person; who manages people opens a row to change it. */
export function PeopleTable({ people, now, ...rest }: PeopleTableProps) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>Roles hold everywhere unless an environment is named.</caption>
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Roles</th>
            <th scope="col">Access</th>
            <th scope="col">Last seen</th>
            {rest.mayManage ? <th scope="col">Change</th> : null}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <th scope="row" className="first-th">
                {person.name} {person.demo ? <Tag>Demo</Tag> : null}
                <small>{person.email}</small>
              </th>
              <td data-label="Roles">
                {person.grants.length === 0 ? "None" : null}
                {person.grants.map(({ id, role, environment }) => (
                  <span className="nowrap" key={id}>
                    {ROLE_LABELS[role]}
                    {environment === null ? "" : ` in ${environment}`}
                    <br />
                  </span>
                ))}
              </td>
              <td data-label="Access">
                {person.disabledAt !== null ? (
                  <Status shape="retired">Disabled</Status>
                ) : person.hasPassword || person.demo ? (
                  <Status shape="live">Active</Status>
                ) : (
                  <Status shape="awaiting">Invited</Status>
                )}
              </td>
              <td data-label="Last seen" className="nowrap">
                {person.lastSeenAt === null ? (
                  "Never"
                ) : (
                  <Instant at={person.lastSeenAt} now={now} seconds={false} />
                )}
              </td>
              {rest.mayManage ? (
                <td data-label="Change">
                  <ChangePerson person={person} now={now} {...rest} />
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Act =
  | { readonly do: "grant"; readonly role: RoleChoice }
  | { readonly do: "revoke"; readonly grantId: string }
  | { readonly do: "disable" | "enable" | "link" };

function sendAct(personId: string, act: Act, idempotencyKey: string): Promise<unknown> {
  const path = `/api/v1/people/${personId}`;
  if (act.do === "grant") return postAct(`${path}/grants`, assignmentOf(act.role), { idempotencyKey });
  if (act.do === "revoke") return deleteAct(`${path}/grants/${act.grantId}`, { idempotencyKey });
  return postAct(`${path}/${act.do}`, {}, { idempotencyKey });
}

function ChangePerson({
  person,
  environments,
  viewerId,
  now,
}: Omit<PeopleTableProps, "people" | "mayManage"> & { person: PersonView }) {
  const [role, setRole] = useState<RoleChoice>({ role: "viewer", environment: "" });
  const [link, setLink] = useState<z.output<typeof linkView> | null>(null);
  const act = useSettingsAct((given: Act, key) => sendAct(person.id, given, key));
  if (person.id === viewerId)
    return <span className="caption">Nobody changes their own roles or access.</span>;
  const newLink = async () => {
    const made = linkView.safeParse(await act.send({ do: "link" }));
    if (made.success) setLink(made.data);
  };
  return (
    <details>
      <summary aria-label={`Change ${person.name}`}>Change</summary>
      <div className="settings-form">
        <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
        <ul className="role-list">
          {person.grants.map((grant) => (
            <li key={grant.id}>
              {ROLE_LABELS[grant.role]}
              {grant.environment === null ? "" : ` in ${grant.environment}`}
              <Button
                small
                variant="quiet"
                closed={act.pending}
                onClick={() => void act.send({ do: "revoke", grantId: grant.id })}
              >
                Take away<span className="vh"> {ROLE_LABELS[grant.role]}</span>
              </Button>
            </li>
          ))}
        </ul>
        <div className="row">
          <RoleFields id={`p-${person.id}`} value={role} environments={environments} onChange={setRole} />
          <Button small closed={act.pending} onClick={() => void act.send({ do: "grant", role })}>
            Give role
          </Button>
        </div>
        <div className="chips">
          {person.disabledAt === null ? (
            <>
              <Button small closed={act.pending} onClick={() => void newLink()}>
                New sign-in link
              </Button>
              <Button
                small
                variant="danger"
                closed={act.pending}
                onClick={() => void act.send({ do: "disable" })}
              >
                Disable
              </Button>
            </>
          ) : (
            <Button small closed={act.pending} onClick={() => void act.send({ do: "enable" })}>
              Give access back
            </Button>
          )}
        </div>
        {link === null ? null : (
          <>
            <SecretOnce title="One-time link" secret={link.url} say="Older links stopped working." />
            <p className="caption">
              Until <Instant at={link.expiresAt} now={now} />.
            </p>
          </>
        )}
      </div>
    </details>
  );
}
