"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { createEnvironment } from "#lib/contracts/api/registry-operations.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";

/** An environment that is not there yet, made beside the form that needs it. It gets production's policy, the strictest there is. */
export function NewEnvironment({
  may,
  none,
  onMade,
}: {
  may: OpenAct;
  none: boolean;
  onMade: (name: string) => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const key = useRef(newIdempotencyKey());
  const make = useMutation({
    mutationFn: async () =>
      createEnvironment.response.parse(
        await postAct(
          "/api/v1/environments",
          { name: name.trim() },
          { idempotencyKey: key.current },
        ),
      ),
    onSuccess: async (made) => {
      key.current = newIdempotencyKey();
      setName("");
      await client.invalidateQueries({ queryKey: ["environment"] });
      onMade(made.name);
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  if (!may.open) {
    return none ? (
      <p className="small form-note">
        There is no environment yet. {may.closedBecause?.replace("Open to", "One is made by")}
      </p>
    ) : null;
  }
  const said =
    make.error instanceof ApiProblem ? (make.error.fields[0]?.message ?? make.error.message) : null;
  const submit = () => {
    const parsed = slug.safeParse(name.trim());
    setWrong(parsed.success ? null : (parsed.error.issues[0]?.message ?? "Not a name."));
    if (parsed.success && !make.isPending) make.mutate();
  };
  return (
    <details className="field-more" open={none}>
      <summary>A new environment</summary>
      <Field
        id="new-environment"
        label="Name of the environment"
        hint="It starts with production's policy: one approval, evidence of every kind, a day of bake."
        error={wrong ?? said}
      >
        <TextInput
          id="new-environment"
          hinted
          error={wrong ?? said}
          autoComplete="off"
          value={name}
          maxLength={63}
          onChange={(event) => {
            setName(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            submit();
          }}
        />
      </Field>
      <Button small closed={make.isPending} onClick={submit}>
        {make.isPending ? "Making it" : "Make the environment"}
      </Button>
    </details>
  );
}
