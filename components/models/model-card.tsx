"use client";

import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

/** A card is somebody's text: no HTML, no pictures from elsewhere, and only links that say where they go. */
const ALLOWED = /^(https?:\/\/|mailto:|#)/i;

/** Its headings stand below those of the page. */
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) =>
    href === undefined || href === "" ? (
      <>{children}</>
    ) : (
      <a href={href} rel="noreferrer nofollow">
        {children}
      </a>
    ),
  img: ({ alt }) => <span className="muted">[picture: {alt ?? "no description"}]</span>,
  table: ({ children }) => (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Table in the model card">
      <table className="table table-compact">{children}</table>
    </div>
  ),
};

export function ModelCard({ markdown }: { markdown: string }) {
  return (
    <div className="card-text">
      <Markdown
        remarkPlugins={[remarkGfm]}
        skipHtml
        components={components}
        urlTransform={(url) => (ALLOWED.test(url) ? url : "")}
      >
        {markdown}
      </Markdown>
    </div>
  );
}
