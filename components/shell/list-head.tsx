import type { ReactNode } from "react";
import { Button, ButtonLink } from "../ui/button.tsx";

type Begin = {
  readonly label: string;
  readonly href: string;
  readonly may: { readonly open: boolean; readonly closedBecause: string | null };
};

/** Name of a list, what stands in it, and the way to begin a new entry; closed with the reason where the viewer may not. */
export function ListHead({ title, sub, begin }: { title: string; sub: ReactNode; begin?: Begin }) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        <p className="sub">{sub}</p>
      </div>
      {begin === undefined ? null : <BeginAct {...begin} />}
    </div>
  );
}

function BeginAct({ label, href, may }: Begin) {
  return (
    <div className="actionbar-wrap">
      {may.open ? (
        <ButtonLink href={href} variant="primary">
          {label}
        </ButtonLink>
      ) : (
        <>
          <Button variant="primary" closed aria-describedby="why-not-begin">
            {label}
          </Button>
          <p className="caption closed-note" id="why-not-begin">
            {may.closedBecause}
          </p>
        </>
      )}
    </div>
  );
}

/** Above rows that could not be read again. */
export function RowsProblem({ error }: { error: Error | null }) {
  return error === null ? null : (
    <p className="small" role="alert">
      {error.message} The rows below are the last ones seen.
    </p>
  );
}
