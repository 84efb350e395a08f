"use client";

import { formatBytes } from "#lib/client/format-number.ts";
import { spoken } from "#lib/client/registry-words.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { CopyButton } from "../ui/copy-button.tsx";

/** The files by digest, whole, each to copy; last the digest that covers them all. */
export function FilesTable({ version }: { version: VersionView }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards files-table">
        <caption>
          The version&rsquo;s own digest covers role, name and digest of each file. Approvals and
          runtimes compare it.
        </caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Holds</th>
            <th scope="col" className="n">
              Size
            </th>
            <th scope="col">Digest</th>
            <th scope="col">
              <span className="vh">Copy</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {version.files.map((file) => (
            <tr key={file.name}>
              <th scope="row" className="first-th">
                {file.name}
              </th>
              <td data-label="Holds">{spoken(file.role)}</td>
              <td className="n" data-label="Size">
                {formatBytes(file.sizeBytes)}
              </td>
              <td className="wide digest-whole">{file.digest}</td>
              <td className="right v-cell">
                <CopyButton text={file.digest} what={`digest of ${file.name}`} />
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="first-th">
              The version
            </th>
            <td data-label="Holds">All files</td>
            <td className="n" data-label="Size">
              {formatBytes(version.sizeBytes)}
            </td>
            <td className="wide digest-whole">{version.digest}</td>
            <td className="right v-cell">
              <CopyButton text={version.digest} what="digest of the version" />
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
