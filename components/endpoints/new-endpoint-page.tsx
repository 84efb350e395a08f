"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { useRef, useState, useSyncExternalStore } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { newEndpointQuery } from "#lib/client/registry-queries.ts";
import { endpointPath, versionStatus } from "#lib/client/registry-words.ts";
import { createEndpoint } from "#lib/contracts/api/registry-operations.ts";
import { createEndpointBody } from "#lib/contracts/registry-api.ts";
import type { NewEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Field, FieldError, Select, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { NewEnvironment } from "./new-environment.tsx";

export type NewEndpointPageProps = {
  readonly initial: NewEndpointView;
  readonly initialModel: string | null;
  readonly initialEnvironment: string | null;
};

const IDS: Readonly<Record<string, string>> = {
  "/name": "name",
  "/environment": "environment",
  "/model": "model",
  "/version": "versions",
};

/** One page: where it lives, what it is called, which version is its first. Beside it the call that does the same. */
export function NewEndpointPage({ initial, initialModel, initialEnvironment }: NewEndpointPageProps) {
  const [model, setModel] = useQueryState("model", parseAsString);
  const [environment, setEnvironment] = useQueryState("environment", parseAsString);
  const [version, setVersion] = useQueryState("version", parseAsString);
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const same = model === initialModel && environment === initialEnvironment;
  const { data } = useQuery({
    ...newEndpointQuery(model, environment),
    ...(same ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const create = useCreateEndpoint();
  const picked = view.versions.find(({ versionName }) => versionName === version) ?? null;
  const suggested = model === null || environment === null ? "" : `${model}-${environment}`.slice(0, 63);
  const body = {
    name: name === "" ? suggested : name.trim(),
    environment: environment ?? "",
    model: model ?? "",
    version: picked?.versionName ?? "",
  };
  const parsed = createEndpointBody.safeParse(body);
  const taken = view.takenNames.includes(body.name);
  const error = (field: keyof typeof body): string | null => {
    const said = create.problem?.fields.find(({ pointer }) => pointer === `/${field}`)?.message;
    if (said !== undefined) return said;
    if (field === "name" && taken) return "This name is taken.";
    if (!tried || parsed.success) return null;
    if (field !== "name" && body[field] === "") return "Choose one.";
    return parsed.error.issues.find(({ path }) => path[0] === field)?.message ?? null;
  };
  const closedBecause = !view.mayCreate.open
    ? view.mayCreate.closedBecause
    : picked !== null && picked.blockers.length > 0
      ? "The chosen version is not ready for this environment."
      : null;
  const submit = () => {
    setTried(true);
    if (closedBecause !== null || create.pending) return;
    if (parsed.success && !taken) {
      create.send(parsed.data);
      return;
    }
    const first = (["environment", "name", "model", "version"] as const).find((field) => body[field] === "") ?? "name";
    document.getElementById(first === "version" ? "versions" : first)?.focus();
  };
  return (
    <>
      <Strip
        crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "New endpoint" }]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>New endpoint</h1>
          <p className="sub">
            An address that clients call. Its first version is live at 100&nbsp;% as soon as it is
            loaded; later versions come by releases.
          </p>
        </div>
      </div>
      {view.mayCreate.open ? null : (
        <Banner tone="holding" mark="warn">
          {view.mayCreate.closedBecause}
        </Banner>
      )}
      {view.models.every(({ versions }) => versions === 0) ? (
        <EmptyState
          title="There is no version to put on it"
          action={
            <ButtonLink href="/models/new" variant="primary">
              Register a model
            </ButtonLink>
          }
        >
          An endpoint begins with a version. Register one first; it takes a minute.
        </EmptyState>
      ) : (
        <form
          className="with-rail"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <div>
            <ApiProblemSummary
              problem={create.problem}
              fieldFor={(pointer) => IDS[pointer] ?? null}
            />
            <Section id="where" title="1. Where">
              <div className="form-2">
                <Field
                  id="environment"
                  label="Environment"
                  hint="Its policy says what a version needs to be live there."
                  error={error("environment")}
                >
                  <Select
                    id="environment"
                    hinted
                    error={error("environment")}
                    value={environment ?? ""}
                    onChange={(event) => {
                      void setEnvironment(event.target.value === "" ? null : event.target.value);
                    }}
                  >
                    <option value="">Choose an environment</option>
                    {view.environments.map((one) => (
                      <option key={one.name} value={one.name} disabled={!one.open}>
                        {one.name}
                        {one.open ? "" : ", not open to you"}
                      </option>
                    ))}
                  </Select>
                </Field>
                <Field
                  id="name"
                  label="Name"
                  hint="Stands in the address that clients call; it stays."
                  error={error("name")}
                >
                  <TextInput
                    id="name"
                    hinted
                    error={error("name")}
                    autoComplete="off"
                    spellCheck={false}
                    maxLength={63}
                    placeholder={suggested === "" ? "credit-default" : suggested}
                    value={name}
                    onChange={(event) => {
                      setName(event.target.value);
                    }}
                  />
                </Field>
              </div>
              <NewEnvironment
                may={view.mayCreateEnvironment}
                none={view.environments.length === 0}
                onMade={(made) => {
                  void setEnvironment(made);
                }}
              />
            </Section>
            <Section id="what" title="2. What it serves first">
              <Field id="model" label="Model" error={error("model")}>
                <Select
                  id="model"
                  error={error("model")}
                  value={model ?? ""}
                  onChange={(event) => {
                    void setVersion(null);
                    void setModel(event.target.value === "" ? null : event.target.value);
                  }}
                >
                  <option value="">Choose a model</option>
                  {view.models.map((one) => (
                    <option key={one.name} value={one.name} disabled={one.versions === 0}>
                      {one.name}
                      {one.versions === 0 ? ", no version yet" : ""}
                    </option>
                  ))}
                </Select>
              </Field>
              {model === null ? null : (
                <VersionChoice
                  view={view}
                  value={version}
                  now={now}
                  error={error("version")}
                  onChange={(chosen) => {
                    void setVersion(chosen);
                  }}
                />
              )}
              <div className="form-foot">
                <Button
                  variant="primary"
                  type="submit"
                  closed={closedBecause !== null || create.pending}
                  aria-describedby={closedBecause === null ? undefined : "why-closed"}
                >
                  {create.pending ? "Making it" : "Make the endpoint"}
                </Button>
                {closedBecause === null ? null : (
                  <p className="caption" id="why-closed">
                    {closedBecause}
                  </p>
                )}
              </div>
            </Section>
          </div>
          <SameCall body={body} />
        </form>
      )}
    </>
  );
}

function useCreateEndpoint() {
  const router = useRouter();
  const key = useRef(newIdempotencyKey());
  const mutation = useMutation({
    mutationFn: async (body: unknown) =>
      createEndpoint.response.parse(
        await postAct("/api/v1/endpoints", body, { idempotencyKey: key.current }),
      ),
    onSuccess: ({ name }) => {
      router.push(endpointPath(name));
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  return {
    send: mutation.mutate,
    pending: mutation.isPending || mutation.isSuccess,
    problem: mutation.error instanceof ApiProblem ? mutation.error : null,
  };
}

function VersionChoice({
  view,
  value,
  now,
  error,
  onChange,
}: {
  view: NewEndpointView;
  value: string | null;
  now: string;
  error: string | null;
  onChange: (version: string) => void;
}) {
  return (
    <fieldset
      className={error === null ? "field is-wide" : "field is-wide is-bad"}
      id="versions"
      tabIndex={-1}
      aria-describedby="versions-error"
    >
      <legend>Version</legend>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col">Registered</th>
              <th scope="col">What it still needs here</th>
            </tr>
          </thead>
          <tbody>
            {view.versions.map((one) => {
              const status = versionStatus(one.state);
              return (
                <tr key={one.versionName}>
                  <th scope="row" className="first-th">
                    <label className="choice">
                      <input
                        type="radio"
                        name="version"
                        value={one.versionName}
                        checked={value === one.versionName}
                        onChange={() => {
                          onChange(one.versionName);
                        }}
                      />
                      <span>{one.versionName}</span>
                    </label>
                  </th>
                  <td className="v-cell">
                    <Status shape={status.shape}>{status.word}</Status>
                  </td>
                  <td className="nowrap" data-label="Registered">
                    <Instant at={one.createdAt} now={now} seconds={false} />
                  </td>
                  <td className="wide">
                    {one.blockers.length === 0 ? (
                      "nothing"
                    ) : (
                      <ul className="blockers">
                        {one.blockers.map((blocker) => (
                          <li key={blocker}>{blocker}</li>
                        ))}
                      </ul>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <FieldError id="versions" error={error} />
    </fieldset>
  );
}

function SameCall({ body }: { body: unknown }) {
  const origin = useSyncExternalStore(
    () => () => undefined,
    () => window.location.origin,
    () => "",
  );
  const curl = [
    `curl -X POST ${origin}/api/v1/endpoints \\`,
    `  -H "Authorization: Bearer $SLIPWAY_TOKEN" \\`,
    `  -H "Idempotency-Key: $(uuidgen)" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
  ].join("\n");
  return (
    <aside className="form-rail" aria-labelledby="same-call">
      <h2 id="same-call">The same by API</h2>
      <p className="small">
        Follows the form as you change it. The token needs the role Engineer, ML Lead or Admin.
      </p>
      <CodeBlock title="curl" code={curl} />
    </aside>
  );
}
