"use client";

import { ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import type { BreakGlassView, ChallengeView } from "#lib/contracts/signing-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

export type ChallengeSectionProps = {
  readonly releaseId: string;
  readonly boundDigest: string;
  readonly isPending: boolean;
  readonly challenges: readonly ChallengeView[];
  readonly breakGlass: readonly BreakGlassView[];
  readonly now: string;
  readonly may: { readonly challenge: boolean; readonly breakGlass: boolean; readonly review: boolean };
};

const KIND_WORDS: Readonly<Record<ChallengeView["kind"], string>> = { question: "Question", no_challenge: "No challenge", answer: "Answer", change: "Change because of it" };

const roleWord = (role: string): string => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : role);

/** How independent validation was argued: question, answer, and what changed; and whether the quorum was set aside. */
export function ChallengeSection(props: ChallengeSectionProps) {
  const { releaseId, challenges, breakGlass, now, may, isPending } = props;
  const questions = challenges.filter(({ kind }) => kind === "question");
  const changed = new Set(challenges.filter(({ kind }) => kind === "change").map(({ replyTo }) => replyTo)).size;
  const roots = challenges.filter(({ replyTo }) => replyTo === null);
  return (
    <>
      <Section id="challenges" title="Challenge log" caption={questions.length === 0 ? "no question was asked" : `${String(questions.length)} asked, ${String(changed)} changed something`}>
        {roots.length === 0 ? (
          <p className="small">Validation is a challenge that was argued. Somebody who made neither the version nor the release asks, or says that there is nothing to ask and why; the log is never changed.</p>
        ) : (
          <ul className="checklist">
            {roots.map((entry) => (
              <li key={entry.id}>
                <Entry entry={entry} now={now} />
                <ul>
                  {challenges
                    .filter(({ replyTo }) => replyTo === entry.id)
                    .map((reply) => (
                      <li key={reply.id}>
                        <Entry entry={reply} now={now} />
                      </li>
                    ))}
                </ul>
              </li>
            ))}
          </ul>
        )}
        {may.challenge ? (
          <details className="field-more">
            <summary>Write in the log</summary>
            <RecordForm
              id="challenge"
              path={`/api/v1/releases/${releaseId}/challenges`}
              button="Write"
              busy="Writing"
              fields={[
                {
                  name: "kind",
                  label: "What it is",
                  kind: "select",
                  initial: "question",
                  options: (["question", "no_challenge", "answer", "change"] as const).map((value) => ({ value, label: KIND_WORDS[value] })),
                },
                {
                  name: "replyTo",
                  label: "To which question",
                  kind: "select",
                  optional: true,
                  hint: "For an answer, or a change because of one.",
                  options: [{ value: "", label: "To none" }, ...questions.map(({ id, text }) => ({ value: id, label: text.slice(0, 80) }))],
                },
                { name: "text", label: "Text", kind: "area", hint: "At least 10 characters. It cannot be changed afterwards." },
              ]}
            />
          </details>
        ) : null}
      </Section>
      {breakGlass.length > 0 || (isPending && may.breakGlass) ? <BreakGlassSection {...props} /> : null}
    </>
  );
}

function Entry({ entry, now }: { entry: ChallengeView; now: string }) {
  return (
    <p>
      <b>{KIND_WORDS[entry.kind]}.</b> {entry.text}{" "}
      <span className="small">
        {entry.by}, {roleWord(entry.role)}, <Instant at={entry.at} now={now} seconds={false} />
      </span>
    </p>
  );
}

function BreakGlassSection({ releaseId, boundDigest, isPending, breakGlass, now, may }: ChallengeSectionProps) {
  const asked = breakGlass.find(({ usedAt, expiresAt }) => usedAt === null && expiresAt > now);
  return (
    <Section id="break-glass" title="Break-glass" caption="two people, a reason, and a review within 72 hours">
      {breakGlass.length === 0 ? <p className="small">The quorum holds. Two people together may set it aside when waiting does harm; rolling back never needs this.</p> : null}
      {breakGlass.map((one) => (
        <div key={one.id}>
          <p>
            {one.askedBy} asked <Instant at={one.askedAt} now={now} seconds={false} />: “{one.reason}” {one.usedAt === null ? null : <>{one.second} did it <Instant at={one.usedAt} now={now} seconds={false} />. </>}
            <Standing one={one} now={now} />
          </p>
          {one.review === null ? null : (
            <p className="small">
              {one.reviewedBy} found: {one.review}
            </p>
          )}
          {one.usedAt !== null && one.reviewedAt === null && may.review ? (
            <details className="field-more">
              <summary>Review it</summary>
              <RecordForm
                id={`review-${one.id}`}
                path={`/api/v1/releases/${releaseId}/break-glass/${one.id}/review`}
                button="Put the review on record"
                busy="Recording"
                fields={[{ name: "review", label: "What you found", kind: "area", hint: "At least 20 characters. Whoever did it does not review it." }]}
              />
            </details>
          ) : null}
        </div>
      ))}
      {isPending && may.breakGlass ? (
        <details className="field-more">
          <summary>{asked === undefined ? "Ask to set the quorum aside" : "Be the second person"}</summary>
          <RecordForm
            id="break-glass"
            path={`/api/v1/releases/${releaseId}/break-glass`}
            button={asked === undefined ? "Ask for it" : "Approve without the quorum"}
            busy="Signing"
            variant="danger"
            signs={{ action: "break-glass", digest: boundDigest }}
            fields={[{ name: "reason", label: "What happens if nobody acts", kind: "area", hint: "At least 20 characters. Another person has an hour to do it; then a review is due in 72 hours." }]}
          />
        </details>
      ) : null}
    </Section>
  );
}

function Standing({ one, now }: { one: BreakGlassView; now: string }) {
  if (one.usedAt === null) return one.expiresAt > now ? <Status shape="awaiting">Waits for a second person until {one.expiresAt.slice(11, 16)} UTC</Status> : <Status shape="retired">Ran out unused</Status>;
  if (one.reviewedAt !== null) return <Status shape="passed">Reviewed</Status>;
  const isLate = one.reviewDueAt !== null && one.reviewDueAt <= now;
  return (
    <Status shape={isLate ? "failed" : "awaiting"}>
      {isLate ? "Review overdue, an incident was opened" : "Review due"} {one.reviewDueAt === null ? null : <Instant at={one.reviewDueAt} now={now} seconds={false} />}
    </Status>
  );
}
