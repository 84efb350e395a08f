import { Fragment } from "react";

export type KeyHint = { readonly keys: readonly string[]; readonly does: string };

/** Keyboard hints at the foot of a page; hidden on phones and in print. */
export function KeyHints({ hints }: { hints: readonly KeyHint[] }) {
  return (
    <div className="keys no-print">
      {hints.map((hint) => (
        <span key={hint.does}>
          <Keys keys={hint.keys} /> {hint.does}
        </span>
      ))}
    </div>
  );
}

export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <>
      {keys.map((key, index) => (
        <Fragment key={key}>
          {index > 0 ? " " : null}
          <kbd>{key}</kbd>
        </Fragment>
      ))}
    </>
  );
}
