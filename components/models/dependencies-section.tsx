import { formatCount } from "#lib/client/format-number.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

type Dependencies = VersionView["dependencies"];

/** What the version needs to answer: whether its files decide that alone, what they leave open, and under which licences it comes. */
export function DependenciesSection({ version }: { version: VersionView }) {
  const { dependencies } = version;
  const card = `/api/v1/models/${encodeURIComponent(version.modelName)}/versions/${encodeURIComponent(version.versionName)}/card/export?format=cyclonedx`;
  return (
    <Section
      id="dependencies"
      title="Dependencies"
      caption={dependencies.files.length === 0 ? null : `${formatCount(dependencies.packageTotal, "package")} in ${formatCount(dependencies.files.length, "file")}`}
      end={
        <a className="btn btn-small" href={card} download>
          ML-BOM, CycloneDX 1.6
        </a>
      }
    >
      {dependencies.files.length === 0 ? (
        <NoFiles format={version.format} />
      ) : (
        <>
          <FileTable files={dependencies.files} />
          {dependencies.findings.map((found) => (
            <p key={`${found.fileName} ${found.code}`} className="small">
              <Status shape="undecided">{found.title}</Status> {found.fileName}: {found.message} {found.hint}
            </p>
          ))}
          <Licences licences={dependencies.licences} />
          <Packages dependencies={dependencies} />
        </>
      )}
    </Section>
  );
}

function NoFiles({ format }: { format: string }) {
  return (
    <p className="small">
      {format === "onnx"
        ? "No file of dependencies came with this version. The graph needs its operator sets only, and the runtime brings those along."
        : "No file of dependencies came with this version, so nobody can install again what it needs to answer."}{" "}
      Send one with the next version: <code>slipway register --lock requirements.txt</code>.
    </p>
  );
}

function FileTable({ files }: { files: Dependencies["files"] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Kind</th>
            <th scope="col" className="num">Packages</th>
            <th scope="col">Locked</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.fileName}>
              <th scope="row">{file.fileName}</th>
              <td data-label="Kind">{file.kind}</td>
              <td data-label="Packages" className="num">{file.packages}</td>
              <td data-label="Locked">
                {file.openEntries === 0 ? (
                  <Status shape="passed">Exact versions and hashes</Status>
                ) : (
                  <Status shape="failed">{formatCount(file.openEntries, "entry", "entries")} open</Status>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Licences({ licences }: { licences: Dependencies["licences"] }) {
  const stated = licences.filter(({ licence }) => licence !== null);
  const silent = licences.find(({ licence }) => licence === null)?.packages ?? 0;
  return (
    <p className="small">
      <b>Licences.</b>{" "}
      {stated.length === 0
        ? "The files state none; of the formats read here only npm's does."
        : `${stated.map(({ licence, packages }) => `${licence ?? ""} ${String(packages)}`).join(", ")}${silent === 0 ? "." : `; ${formatCount(silent, "package")} without a stated licence.`}`}
    </p>
  );
}

function Packages({ dependencies }: { dependencies: Dependencies }) {
  const { packages, packageTotal } = dependencies;
  return (
    <details className="field-more">
      <summary>
        {packages.length === packageTotal ? `All ${String(packageTotal)} packages` : `The first ${String(packages.length)} of ${String(packageTotal)} packages, those left open first`}
      </summary>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Package</th>
              <th scope="col">From</th>
              <th scope="col">Version</th>
              <th scope="col">Locked</th>
              <th scope="col">Licence</th>
            </tr>
          </thead>
          <tbody>
            {packages.map((one, index) => (
              <tr key={`${one.ecosystem} ${one.name} ${one.version ?? ""} ${String(index)}`}>
                <th scope="row">{one.name}</th>
                <td data-label="From">{one.ecosystem}</td>
                <td data-label="Version">{one.version ?? one.asked ?? ""}</td>
                <td data-label="Locked">{one.locked ? "yes" : one.version === null ? "no exact version" : "no hash"}</td>
                <td data-label="Licence">{one.licence ?? "not stated"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
