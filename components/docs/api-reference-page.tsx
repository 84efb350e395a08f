import { ROLE_LABELS, PERMISSIONS, isPermission } from "#lib/domain/access/permissions.ts";
import { Strip } from "../shell/strip.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Section } from "../ui/section.tsx";

type Field = { readonly path: string; readonly type: string; readonly required: boolean; readonly say: string };
type Operation = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly permission: string;
  readonly status: string;
  readonly parameters: readonly (Field & { readonly place: string })[];
  readonly body: readonly Field[];
  readonly answer: readonly Field[];
  readonly example: string | null;
};
export type ApiReferenceView = {
  readonly asOf: string;
  readonly url: string;
  readonly version: string;
  readonly areas: readonly { readonly name: string; readonly operations: readonly Operation[] }[];
};

const who = (permission: string): string => {
  if (permission === "anyone") return "Anybody, without a token.";
  if (permission === "signed_in") return "Everybody with a token or a session.";
  if (!isPermission(permission)) return permission;
  return `${PERMISSIONS[permission].roles.map((role) => ROLE_LABELS[role]).join(", ")} (${permission}).`;
};

/** The reference of the API, made from the same document that programs read. */
export function ApiReferencePage({ view }: { view: ApiReferenceView }) {
  const count = view.areas.reduce((sum, { operations }) => sum + operations.length, 0);
  return (
    <>
      <Strip crumbs={[{ label: "API reference" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>API reference</h1>
          <p className="sub">
            {count} operations of Slipway {view.version}. Programs read the same as <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.
          </p>
        </div>
      </div>
      <Section id="api-begin" title="Begin" bare>
        <p>
          Make a token under <a href="/settings/tokens">Settings, API tokens</a> and put it into the environment. The examples below then run as they are, with names you have here.
        </p>
        <CodeBlock title="Shell" code={`export SLIPWAY_TOKEN=slp_...\ncurl --header "Authorization: Bearer $SLIPWAY_TOKEN" '${view.url}/api/v1/session'`} />
        <ul>
          <li>Refusals are RFC 9457 problem documents with a code, the places that are wrong and a hint; <a href="/api/v1/problems">all codes</a>.</li>
          <li>A POST with an Idempotency-Key is done once; the same key gets the same answer for 24 hours.</li>
          <li>What people edit has an ETag; send it back as If-Match, so that nobody acts on what they have not seen.</li>
          <li>RateLimit and RateLimit-Policy say what a caller may still ask; beyond it, 429 with Retry-After.</li>
        </ul>
      </Section>
      <nav className="settings-nav" aria-label="Areas of the API">
        {view.areas.map(({ name }) => (
          <a key={name} href={`#area-${name}`}>
            {name}
          </a>
        ))}
      </nav>
      {view.areas.map(({ name, operations }) => (
        <Section key={name} id={`area-${name}`} title={name} caption={name === "Views" ? "what our own pages read; may change with any version" : `${operations.length} operations`}>
          {operations.map((operation) => (
            <OperationEntry key={operation.name} operation={operation} />
          ))}
        </Section>
      ))}
    </>
  );
}

function OperationEntry({ operation }: { operation: Operation }) {
  const { name, method, path, summary, permission, status, parameters, body, answer, example } = operation;
  return (
    <details className="api-operation" id={name}>
      <summary>
        <span className="api-method">{method}</span> <code>{path}</code>
        <span className="api-summary">{summary}</span>
      </summary>
      <p className="caption">{who(permission)}</p>
      {example === null ? null : <CodeBlock title={`Example: ${name}`} code={example} />}
      {parameters.length === 0 ? null : <FieldTable title="Parameters" fields={parameters.map((one) => ({ ...one, say: [one.place, one.say].filter((text) => text !== "").join("; ") }))} />}
      {body.length === 0 ? null : <FieldTable title="Body, JSON" fields={body} />}
      {answer.length === 0 ? <p className="caption">Answers {status}.</p> : <FieldTable title={`Answer ${status}, JSON`} fields={answer} />}
    </details>
  );
}

function FieldTable({ title, fields }: { title: string; fields: readonly Field[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Needed</th>
            <th scope="col">Says</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ path, type, required, say }, index) => (
            <tr key={`${path} ${String(index)}`}>
              <th scope="row" className="first-th">
                <code>{path}</code>
              </th>
              <td>{type}</td>
              <td>{required ? "yes" : "no"}</td>
              <td>{say}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
