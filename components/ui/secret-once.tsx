import { CodeBlock } from "./code-block.tsx";
import { Banner } from "./banner.tsx";

/** A secret that stands in one answer only. */
export function SecretOnce({ title, secret, say }: { title: string; secret: string; say: string }) {
  return (
    <div className="secret-once" role="status">
      <Banner tone="holding" mark="warn">
        <b>Copy it now: it is shown this once.</b> {say}
      </Banner>
      <CodeBlock title={title} code={secret} />
    </div>
  );
}
