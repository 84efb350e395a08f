import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

const fits = {
  yes: { shape: "passed", word: "As it is" },
  perhaps: { shape: "undecided", word: "With care" },
  no: { shape: "failed", word: "Not there" },
} as const;

/** Where the version could run besides here, and what it would lose or gain: how far it is bound to one server. */
export function PortabilitySection({ version }: { version: VersionView }) {
  return (
    <Section id="portability" title="Where it could run" caption="told from its operators and types, not tried">
      <p className="small">
        <b>Lock-in.</b> {version.lockIn}
      </p>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Server</th>
              <th scope="col">Runs</th>
              <th scope="col">What it would lose or gain</th>
            </tr>
          </thead>
          <tbody>
            {version.portability.map(({ where, fit, note }) => (
              <tr key={where}>
                <th scope="row">{where}</th>
                <td className="nowrap">
                  <Status shape={fits[fit].shape}>{fits[fit].word}</Status>
                </td>
                <td className="wide">{note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
