"use client";

import { useState } from "react";
import { ApiProblem, fieldMessage, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { formatWeight } from "#lib/client/format-number.ts";
import { stepUpView } from "#lib/contracts/signing-api.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Facts } from "../ui/facts.tsx";
import { ChoiceGroup, Field, TextArea, TextInput } from "../ui/field.tsx";
import { ActProblem } from "../shell/act-problem.tsx";
import type { ReleaseAct } from "./use-release-act.ts";

export type ApproveDialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly release: ReleaseView;
  readonly act: ReleaseAct;
};

const LEAST_REASON = 10;

/** A signature: what is meant by it, why, and the digest it binds to. Never a bare button. */
export function ApproveDialog({ open, onClose, release, act }: ApproveDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} labelledBy="approve-title">
      <ApproveForm onClose={onClose} release={release} act={act} />
    </Dialog>
  );
}

function ApproveForm({ onClose, release, act }: Omit<ApproveDialogProps, "open">) {
  // The digest that was on the page when the dialog opened is what gets signed, whatever arrives meanwhile.
  const [digest] = useState(release.approvals.boundDigest);
  const [meaning, setMeaning] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [password, setPassword] = useState("");
  const [wrongPassword, setWrongPassword] = useState<string | null>(null);
  // Once the server has asked, it is asked for with each try: a grant works once.
  const [asked, setAsked] = useState(false);
  if (act.problem?.code === "step_up_required" && !asked) setAsked(true);
  const asksPassword = asked;
  const given = reason.trim();
  const meaningError =
    tried && meaning === null
      ? "Choose what your signature means."
      : fieldMessage(act.problem, "/meaning");
  const reasonError =
    tried && given.length < LEAST_REASON
      ? `${String(given.length)} of at least ${String(LEAST_REASON)} characters. Say what you saw.`
      : fieldMessage(act.problem, "/reason");
  const changed = digest !== release.approvals.boundDigest;
  const first = release.steps[0];

  const proveAgain = async (signed: string): Promise<string | null> => {
    try {
      const body = { password, action: "approve-release", digest: signed };
      const answer = stepUpView.parse(await postAct("/api/v1/session/step-up", body, { idempotencyKey: newIdempotencyKey() }));
      setWrongPassword(null);
      return answer.grant;
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setWrongPassword(cause.fields[0]?.message ?? cause.message);
      document.getElementById("approve-password")?.focus();
      return null;
    } finally {
      setPassword("");
    }
  };

  const submit = async () => {
    setTried(true);
    if (meaning === null || given.length < LEAST_REASON) {
      document.getElementById(meaning === null ? "approve-meaning" : "approve-reason")?.focus();
      return;
    }
    const grant = asksPassword && digest !== null ? await proveAgain(digest) : undefined;
    if (grant === null) return;
    if (await act.send({ meaning, reason: given, digest, ...(grant === undefined ? {} : { grant }) })) onClose();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="dialog-body">
        <h2 id="approve-title">
          Approve {release.candidate.modelName} {release.candidate.versionName} for{" "}
          {release.environmentName}
        </h2>
        <ActProblem
          problem={act.problem}
          fields={{ "/meaning": "approve-meaning", "/reason": "approve-reason" }}
        />
        {changed ? (
          <p className="small" role="alert">
            Plan or evidence changed while this was open. Close it, look at what changed, and sign
            the new digest.
          </p>
        ) : null}
        <p>
          {first === undefined
            ? "The plan has no steps."
            : `It may then take ${formatWeight(first.weightBp)} of ${release.environmentName} and move on by the plan, without being asked again.`}{" "}
          Your signature is void as soon as artifact, plan, guards or evidence change.
        </p>
        <Facts
          facts={[
            {
              label: "You sign",
              value: (
                <span className="digest digest-whole">{digest ?? "nothing is bound yet"}</span>
              ),
            },
            {
              label: "Evidence",
              value: `${String(release.checklist.met)} of ${String(release.checklist.total)} items met`,
            },
            {
              label: "Approvals",
              value: `${String(release.approvals.given)} of ${String(release.approvals.required)} given`,
            },
          ]}
        />
        <ChoiceGroup
          id="approve-meaning"
          legend="Meaning of your signature"
          name="meaning"
          options={release.approvals.meanings.map(({ code, text }) => ({
            value: code,
            label: text,
          }))}
          value={meaning}
          onChange={setMeaning}
          error={meaningError}
        />
        <Field
          id="approve-reason"
          label="Reason"
          wide
          hint="At least 10 characters: what you looked at, and why it is enough."
          error={reasonError}
        >
          <TextArea
            id="approve-reason"
            hinted
            error={reasonError}
            rows={3}
            maxLength={2000}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
        {asksPassword ? (
          <Field
            id="approve-password"
            label="Your password, again"
            hint="This installation asks for it at the moment of signing. It is not kept."
            error={wrongPassword}
          >
            <TextInput
              id="approve-password"
              type="password"
              hinted
              autoComplete="current-password"
              error={wrongPassword}
              value={password}
              onChange={(event) => {
                setPassword(event.target.value);
              }}
            />
          </Field>
        ) : null}
      </div>
      <div className="dialog-foot">
        <Button onClick={onClose}>Not now</Button>
        <Button variant="primary" type="submit" closed={act.pending || changed || digest === null}>
          {act.pending ? "Signing" : "Sign and approve"}
        </Button>
      </div>
    </form>
  );
}
