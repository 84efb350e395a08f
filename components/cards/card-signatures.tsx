"use client";

import { CARD_MEANING_LABELS, CARD_MEANINGS, type CardView } from "#lib/contracts/card-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { usePost } from "../shell/use-post.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";

const meaningText = (meaning: string): string => CARD_MEANINGS.flatMap((name) => (name === meaning ? [CARD_MEANING_LABELS[name]] : []))[0] ?? meaning;

/** Who signed, what it means, and to what it is bound; void ones stay, struck through, with the reason. */
export function CardSignatures({ view, path }: { view: CardView; path: string }) {
  const isDraft = view.revision?.state === "draft";
  return (
    <Section id="signatures" title="Signatures" caption={`${String(view.signatures.filter(({ voidReason }) => voidReason === null).length)} of ${String(view.signaturesNeeded)}, by people who wrote none of it`}>
      {view.signatures.length === 0 ? (
        <p className="small">Nobody has signed yet. A signature is bound to every word and every figure; any change makes it void.</p>
      ) : (
        <table className="table is-cards">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Meaning and reason</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {view.signatures.map((one) => (
              <tr key={one.id} className={one.voidReason === null ? undefined : "is-void"}>
                <th scope="row" className="wide">
                  {one.signedName}
                  <small>by {one.method.replaceAll("_", " ")}</small>
                </th>
                <td className="wide keep">
                  {one.voidReason === null ? meaningText(one.meaning) : <s>{meaningText(one.meaning)}</s>} {one.voidReason === null ? `“${one.reason}”` : `Void: ${one.voidReason}`}
                  <small>
                    <Digest value={one.digest} characters={12} />
                  </small>
                </td>
                <td className="nowrap">
                  <Instant at={one.signedAt} now={view.asOf} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {view.may.sign ? (
        <details className="field-more">
          <summary>Sign it</summary>
          <RecordForm
            id="sign-card"
            path={`${path}/sign`}
            button="Sign the card"
            busy="Signing"
            more={{ digest: view.digest }}
            signs={{ action: "sign-card", digest: view.digest }}
            fields={[
              { name: "meaning", label: "Meaning of your signature", kind: "select", initial: CARD_MEANINGS[0], options: CARD_MEANINGS.map((value) => ({ value, label: CARD_MEANING_LABELS[value] })) },
              { name: "reason", label: "Reason", kind: "area", rows: 2, hint: "What you looked at, in at least 10 characters." },
            ]}
          />
        </details>
      ) : null}
      {isDraft ? <Publish view={view} path={path} /> : null}
    </Section>
  );
}

function Publish({ view, path }: { view: CardView; path: string }) {
  const { send, pending, problem } = usePost();
  const stopped = view.publishingRefusals.length > 0;
  return (
    <>
      <ApiProblemSummary problem={problem} fieldFor={() => null} />
      {stopped ? (
        <div id="why-not-published">
          <p className="small">It cannot be published yet:</p>
          <ul className="small">
            {view.publishingRefusals.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      ) : null}
      {view.may.publish ? (
        <div className="chips">
          <Button variant="primary" closed={stopped || pending} aria-describedby={stopped ? "why-not-published" : undefined} onClick={() => void send(`${path}/publish`, { digest: view.digest })}>
            {pending ? "Publishing" : "Publish the card"}
          </Button>
        </div>
      ) : null}
    </>
  );
}
