"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { useRef, useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { newEndpointQuery } from "#lib/client/registry-queries.ts";
import { endpointPath } from "#lib/client/registry-words.ts";
import { createEndpoint } from "#lib/contracts/api/registry-operations.ts";
import { createEndpointBody, type EndpointPattern } from "#lib/contracts/registry-api.ts";
import type { NewEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";

export type NewEndpointPageProps = {
  readonly initial: NewEndpointView;
  readonly initialModel: string | null;
  readonly initialEnvironment: string | null;
};

/** Where on the page a JSON pointer of the API leads. */
export const endpointFieldIds: Readonly<Record<string, string>> = {
  "/name": "name",
  "/environment": "environment",
  "/model": "model",
  "/version": "versions",
};

type FormField = "name" | "environment" | "model" | "version";

/** What is written, what the server knows of it, and what is wrong with it. */
export function useNewEndpoint({
  initial,
  initialModel,
  initialEnvironment,
}: NewEndpointPageProps) {
  const [model, setModel] = useQueryState("model", parseAsString);
  const [environment, setEnvironment] = useQueryState("environment", parseAsString);
  const [version, setVersion] = useQueryState("version", parseAsString);
  const [name, setName] = useState("");
  const [pattern, setPattern] = useState<EndpointPattern>("online");
  const [tried, setTried] = useState(false);
  const same = model === initialModel && environment === initialEnvironment;
  const { data } = useQuery({
    ...newEndpointQuery(model, environment),
    ...(same ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const create = useCreateEndpoint();
  const picked = view.versions.find(({ versionName }) => versionName === version) ?? null;
  const suggested =
    model === null || environment === null ? "" : `${model}-${environment}`.slice(0, 63);
  const body = {
    name: name === "" ? suggested : name.trim(),
    environment: environment ?? "",
    model: model ?? "",
    version: picked?.versionName ?? "",
    pattern,
  };
  const parsed = createEndpointBody.safeParse(body);
  const taken = view.takenNames.includes(body.name);
  const closedBecause = closedBecauseOf(view, picked);
  return {
    view,
    body,
    name,
    suggested,
    create,
    closedBecause,
    setName,
    setPattern,
    choose: { model: setModel, environment: setEnvironment, version: setVersion },
    error: (field: FormField): string | null => {
      const said = create.problem?.fields.find(({ pointer }) => pointer === `/${field}`)?.message;
      if (said !== undefined) return said;
      if (field === "name" && taken) return "This name is taken.";
      if (!tried || parsed.success) return null;
      if (body[field] === "") return field === "name" ? "Give it a name." : "Choose one.";
      return parsed.error.issues.find(({ path }) => path[0] === field)?.message ?? null;
    },
    submit: () => {
      setTried(true);
      if (closedBecause !== null || create.pending) return;
      if (parsed.success && !taken) create.send(parsed.data);
      else document.getElementById(firstWrong(body))?.focus();
    },
  };
}
export type NewEndpointForm = ReturnType<typeof useNewEndpoint>;

function firstWrong(body: Readonly<Record<FormField, string>>): string {
  const order: readonly FormField[] = ["environment", "name", "model", "version"];
  return endpointFieldIds[`/${order.find((field) => body[field] === "") ?? "name"}`] ?? "name";
}

function closedBecauseOf(
  { mayCreate }: NewEndpointView,
  picked: NewEndpointView["versions"][number] | null,
): string | null {
  if (!mayCreate.open) return mayCreate.closedBecause;
  return picked !== null && picked.blockers.length > 0
    ? "The chosen version still needs something for this environment."
    : null;
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
