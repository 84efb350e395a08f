"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { streamPath } from "#lib/client/stream-words.ts";
import { createStream } from "#lib/contracts/api/stream-operations.ts";
import { createStreamBody } from "#lib/contracts/streams.ts";
import type { NewStreamView } from "#lib/contracts/views/stream-view.ts";
import { usePost } from "../shell/use-post.ts";

const FIELDS = ["endpoint", "name", "inputTopic", "outputTopic", "deadLetterTopic", "shadowTopic", "groupId", "maxInFlight"] as const;
export type StreamField = (typeof FIELDS)[number];
export type StreamDraft = Readonly<Record<StreamField, string>>;

export const streamFieldId = (pointer: string): string | null => FIELDS.find((field) => pointer === `/${field}`) ?? null;

/** The request that the form stands for; what was left empty takes what its field suggests. */
export function streamRequest(draft: StreamDraft): Readonly<Record<string, unknown>> {
  const { shadowTopic, maxInFlight, ...texts } = draft;
  return {
    ...texts,
    deadLetterTopic: texts.deadLetterTopic === "" && texts.inputTopic !== "" ? `${texts.inputTopic}-dead` : texts.deadLetterTopic,
    groupId: texts.groupId === "" ? texts.name : texts.groupId,
    ...(shadowTopic === "" ? {} : { shadowTopic }),
    maxInFlight: Number(maxInFlight),
  };
}

/** What is written, what is wrong with it, and sending it. */
export function useNewStream(view: NewStreamView, endpoint: string | null) {
  const router = useRouter();
  const post = usePost();
  const [tried, setTried] = useState(false);
  const [draft, setDraft] = useState<StreamDraft>(() => ({
    endpoint: view.endpoints.find(({ name }) => name === endpoint)?.name ?? "",
    name: "",
    inputTopic: "",
    outputTopic: "",
    deadLetterTopic: "",
    shadowTopic: "",
    groupId: "",
    maxInFlight: "64",
  }));
  const body = streamRequest(draft);
  const parsed = createStreamBody.safeParse(body);
  const issues = parsed.success ? [] : parsed.error.issues;
  const messageFor = (field: StreamField): string | null => {
    const issue = issues.find(({ path }) => path[0] === field);
    if (issue === undefined) return null;
    return body[field] === "" ? (field === "endpoint" ? "Choose an endpoint." : "Fill this in.") : issue.message;
  };
  return {
    draft,
    body,
    post,
    chosen: view.endpoints.find(({ name }) => name === draft.endpoint) ?? null,
    set: (change: Partial<StreamDraft>) => {
      setDraft((now) => ({ ...now, ...change }));
    },
    error: (field: StreamField): string | null => (tried ? messageFor(field) : null),
    submit: async () => {
      setTried(true);
      if (!parsed.success) {
        document.getElementById(FIELDS.find((field) => messageFor(field) !== null) ?? "name")?.focus();
        return;
      }
      const answer = createStream.response.safeParse(await post.send("/api/v1/streams", parsed.data));
      if (answer.success) router.push(streamPath(answer.data.name));
    },
  };
}
export type NewStream = ReturnType<typeof useNewStream>;
