"use client";

import { PERSON_ROLES, ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { Field, Select } from "../ui/field.tsx";

export type RoleChoice = { readonly role: string; readonly environment: string };

/** A role, everywhere or in one environment. */
export function RoleFields({
  id,
  value,
  environments,
  onChange,
}: {
  id: string;
  value: RoleChoice;
  environments: readonly string[];
  onChange: (value: RoleChoice) => void;
}) {
  return (
    <>
      <Field id={`${id}-role`} label="Role">
        <Select
          id={`${id}-role`}
          value={value.role}
          onChange={(event) => {
            onChange({ ...value, role: event.target.value });
          }}
        >
          {PERSON_ROLES.map((role) => (
            <option key={role} value={role}>
              {ROLE_LABELS[role]}
            </option>
          ))}
        </Select>
      </Field>
      <Field id={`${id}-where`} label="Where">
        <Select
          id={`${id}-where`}
          value={value.environment}
          onChange={(event) => {
            onChange({ ...value, environment: event.target.value });
          }}
        >
          <option value="">Everywhere</option>
          {environments.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
    </>
  );
}

export const assignmentOf = ({ role, environment }: RoleChoice) => ({
  role,
  environment: environment === "" ? null : environment,
});
