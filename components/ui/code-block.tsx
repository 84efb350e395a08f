import { CopyButton } from "./copy-button.tsx";

/** A command or document to copy. */
export function CodeBlock({ title, code }: { title: string; code: string }) {
  return (
    <div className="code">
      <div className="code-head">
        <span>{title}</span>
        <CopyButton text={code} what={title} />
      </div>
      <pre tabIndex={0} aria-label={title}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
