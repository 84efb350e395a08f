"use client";

import { useQuery } from "@tanstack/react-query";
import { auditProofQuery } from "#lib/client/audit-queries.ts";
import { entryNumber } from "#lib/client/audit-words.ts";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { recomputeProof, type Recomputed } from "#lib/client/recompute-proof.ts";
import type { AuditProofView } from "#lib/contracts/audit-api.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Status } from "../ui/status.tsx";

/** The proof that an entry stands in the signed trail; hashed again in this browser before it says so. */
export function InclusionProof({ seq, vkey }: { seq: number; vkey: string }) {
  const proof = useQuery(auditProofQuery(seq));
  const checked = useQuery({
    queryKey: ["audit-recomputed", seq, vkey, proof.data],
    queryFn: () =>
      proof.data === undefined
        ? null
        : recomputeProof(proof.data, vkey, (globalThis.crypto as Crypto | undefined)?.subtle),
    enabled: proof.data !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="proof">
      <div className="section-head">
        <h3>Inclusion proof</h3>
        <span aria-live="polite">
          <ProofState result={checked.data ?? null} problem={proof.error ?? checked.error} />
        </span>
      </div>
      {proof.data === undefined ? null : (
        <>
          <ProofSteps proof={proof.data} />
          <p className="caption">
            {formatCount(proof.data.steps.length, "hash", "hashes")} prove that the entry is one of{" "}
            {formatNumber(proof.data.checkpoint.size)}. <ProofSay result={checked.data ?? null} from={proof.data.leaf === "" ? "hash, its text being pruned," : "text"} />
          </p>
          <CopyButton
            text={proof.data.text}
            label="Copy proof"
            what={`of entry ${String(seq)}, as a tlog-proof`}
          />
        </>
      )}
    </div>
  );
}

function ProofState({ result, problem }: { result: Recomputed | null; problem: Error | null }) {
  if (problem !== null) return <span role="alert">{problem.message}</span>;
  if (result === null) return <span className="caption">Recomputing</span>;
  if (result.state === "verified") return <Status shape="passed">Verified</Status>;
  if (result.state === "wrong") return <Status shape="failed">Does not hold</Status>;
  return <Status shape="no-data">Not checked here</Status>;
}

/** `from`: what of the entry the tree was hashed from. */
function ProofSay({ result, from }: { result: Recomputed | null; from: string }) {
  if (result === null) return null;
  if (result.state !== "verified") return <>{result.because}</>;
  return result.signatureChecked ? (
    <>Recomputed in this browser, from the entry’s {from} to the root and its signature.</>
  ) : (
    <>
      Recomputed in this browser up to the root. This browser cannot check the signature; the
      offline verifier does.
    </>
  );
}

/** From the root down to the entry, as the tree stands. */
function ProofSteps({ proof }: { proof: AuditProofView }) {
  return (
    <ol className="proof-steps">
      <li>
        <Digest value={proof.checkpoint.root} /> <b>root</b>, checkpoint of{" "}
        {formatNumber(proof.checkpoint.size)}
      </li>
      {proof.steps.toReversed().map(({ from, to, hash }) => (
        <li key={from}>
          <Digest value={hash} />{" "}
          <span className="muted">
            {from === to ? entryNumber(from) : `${entryNumber(from)} to ${entryNumber(to)}`}
          </span>
        </li>
      ))}
      <li>
        <Digest value={proof.leafHash} /> <b>entry {entryNumber(proof.seq)}</b>
      </li>
    </ol>
  );
}
