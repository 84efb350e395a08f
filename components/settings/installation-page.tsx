"use client";

import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

export type InstallationView = {
  readonly asOf: string;
  readonly installId: string | null;
  readonly demo: boolean;
  readonly version: string;
  readonly rolesSeparated: boolean;
  readonly vkey: string | null;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly blocking: boolean;
    readonly message: string;
  }[];
  readonly runtimes: readonly {
    readonly name: string;
    readonly httpUrl: string;
    readonly live: boolean;
    readonly registeredAt: string;
    readonly lastSeenAt: string;
  }[];
};

/** What runs here, whether it is ready, and which runtimes are in contact. */
export function InstallationPage({ view, open }: { view: InstallationView; open: SettingsPlaces }) {
  const now = useServerNow(view.asOf);
  return (
    <SettingsFrame
      title="Installation"
      sub={`Slipway ${view.version}${view.demo ? ", with the demonstration" : ""}.`}
      asOf={view.asOf}
      open={open}
    >
      <Section id="facts" title="This installation" bare>
        <Facts
          facts={[
            { label: "Version", value: view.version },
            {
              label: "Installation",
              value: <span className="digest-whole">{view.installId ?? "Not set up"}</span>,
            },
            {
              label: "Data",
              value: view.demo ? "The demonstration and what you add to it" : "Your own",
            },
            {
              label: "Database roles",
              value: view.rolesSeparated
                ? "Separated: the product cannot change or delete entries of the trail"
                : "One role: triggers protect the trail, roles do not",
            },
            {
              label: "Audit key",
              value:
                view.vkey === null ? (
                  "Shown to readers of the audit trail"
                ) : (
                  <>
                    <span className="digest-whole">{view.vkey}</span>{" "}
                    <CopyButton text={view.vkey} what="the verifier key" />
                  </>
                ),
            },
          ]}
        />
      </Section>
      <Section id="checks" title="Readiness" caption="asked when this page was opened">
        <ul className="role-list">
          {view.checks.map(({ name, ok, blocking, message }) => (
            <li key={`${name} ${message}`}>
              <Status shape={ok ? "passed" : blocking ? "failed" : "holding"}>
                {name.replaceAll("_", " ")}
              </Status>
              {ok ? null : <span>{message}</span>}
            </li>
          ))}
        </ul>
      </Section>
      <Section id="runtimes" title="Runtimes" caption="silent for 20 s: not counted on">
        <Runtimes runtimes={view.runtimes} now={now} />
      </Section>
    </SettingsFrame>
  );
}

function Runtimes({ runtimes, now }: { runtimes: InstallationView["runtimes"]; now: string }) {
  if (runtimes.length === 0)
    return <p className="small">No runtime has joined. npm start brings one up beside the control plane.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Runtime</th>
            <th scope="col">State</th>
            <th scope="col">Address</th>
            <th scope="col">Last contact</th>
            <th scope="col">Joined</th>
          </tr>
        </thead>
        <tbody>
          {runtimes.map((runtime) => (
            <tr key={runtime.name}>
              <th scope="row" className="first-th">
                {runtime.name}
              </th>
              <td className="v-cell">
                <Status shape={runtime.live ? "live" : "no-data"}>
                  {runtime.live ? "In contact" : "Silent"}
                </Status>
              </td>
              <td data-label="Address" className="mono">
                {runtime.httpUrl}
              </td>
              <td data-label="Last contact" className="nowrap">
                <Instant at={runtime.lastSeenAt} now={now} />
              </td>
              <td data-label="Joined" className="nowrap">
                <Instant at={runtime.registeredAt} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
