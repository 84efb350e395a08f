"use client";

import { ROLE_LABELS, type PersonRole } from "#lib/domain/access/permissions.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

export type SingleSignOnView = {
  readonly asOf: string;
  readonly callbackUrl: string;
  readonly scimUrl: string;
  readonly signOutReturnUrl: string;
  readonly provider: {
    readonly name: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly groupsClaim: string;
    readonly check: { readonly ok: boolean; readonly message: string; readonly signsOut: boolean };
    readonly rules: readonly { readonly group: string; readonly role: PersonRole; readonly environment: string | null }[];
  } | null;
};

const SETTINGS = `SLIPWAY_OIDC_ISSUER=https://login.example.com
SLIPWAY_OIDC_CLIENT_ID=slipway
SLIPWAY_OIDC_CLIENT_SECRET=...
SLIPWAY_OIDC_NAME=Example login
SLIPWAY_OIDC_GROUPS_CLAIM=groups
SLIPWAY_OIDC_ROLE_MAP=ml-leads=ml_lead@production,ml-engineers=engineer,*=viewer`;

/** How people sign in by the organisation's own provider, and which roles their groups give. */
export function SingleSignOnPage({ view, open }: { view: SingleSignOnView; open: SettingsPlaces }) {
  const { provider } = view;
  return (
    <SettingsFrame
      title="Single sign-on"
      sub={
        provider === null
          ? "Not set up. People sign in by password or by a link that works once."
          : `People may sign in by ${provider.name}. An account is made the first time, when the provider vouches for the address.`
      }
      asOf={view.asOf}
      open={open}
    >
      {provider === null ? (
        <Section id="sso-how" title="Set it up" bare>
          <p>
            Register Slipway with your OpenID provider as a web application with the address below, then start the control plane with these variables.
          </p>
          <CodeBlock title="Environment of the control plane" code={SETTINGS} />
        </Section>
      ) : (
        <>
          <Section id="sso-provider" title="Provider" bare>
            <Facts
              facts={[
                { label: "Name on the sign-in page", value: provider.name },
                { label: "Issuer", value: <span className="digest-whole">{provider.issuer}</span> },
                { label: "Client", value: <span className="digest-whole">{provider.clientId}</span> },
                { label: "Groups come from the claim", value: <span className="digest-whole">{provider.groupsClaim}</span> },
                {
                  label: "Right now",
                  value: <Status shape={provider.check.ok ? "live" : "holding"}>{provider.check.message}</Status>,
                },
                {
                  label: "Signing out",
                  value: provider.check.signsOut
                    ? "Ends the session here and leads to the provider, which ends its own"
                    : "Ends the session here; the provider offers no sign-out",
                },
              ]}
            />
          </Section>
          <RoleRules rules={provider.rules} />
        </>
      )}
      <Section id="sso-addresses" title="Addresses to give the provider">
        <CodeBlock title="Redirect after sign-in" code={view.callbackUrl} />
        <CodeBlock title="Redirect after sign-out" code={view.signOutReturnUrl} />
      </Section>
      <Section id="sso-scim" title="Accounts and groups from your directory" caption="SCIM 2.0">
        <p>
          A directory can create accounts before the first sign-in, keep groups, and end access at once when somebody leaves. It needs the address and a token of an
          administrator with the scopes read and admin. Groups give the same roles as above; an ended account stays in the records.
        </p>
        <CodeBlock title="SCIM address" code={view.scimUrl} />
      </Section>
    </SettingsFrame>
  );
}

function RoleRules({ rules }: { rules: NonNullable<SingleSignOnView["provider"]>["rules"] }) {
  return (
    <Section id="sso-rules" title="Groups and roles" caption="compared at each sign-in; roles given under People stay">
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <caption>From SLIPWAY_OIDC_ROLE_MAP.</caption>
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col">Role</th>
              <th scope="col">Where</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ group, role, environment }) => (
              <tr key={`${group} ${role} ${environment ?? ""}`}>
                <th scope="row" className="first-th">
                  {group === "*" ? "Everybody who signs in" : group}
                </th>
                <td data-label="Role">{ROLE_LABELS[role]}</td>
                <td data-label="Where">{environment ?? "Everywhere"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
