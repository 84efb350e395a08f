import { Section } from "../ui/section.tsx";

type Part = { readonly title: string; readonly lines: readonly string[] };

/** Headings become sections; lists stay lists; everything else is text. Nothing in it is ever taken for markup. */
function partsOf(text: string): Part[] {
  const parts: { title: string; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const heading = /^#{1,3} (.+)$/.exec(line);
    if (heading?.[1] !== undefined) parts.push({ title: heading[1].trim(), lines: [] });
    else if (parts.length > 0) parts.at(-1)?.lines.push(line);
    else if (line.trim() !== "") parts.push({ title: "Runbook", lines: [line] });
  }
  return parts;
}

export function RunbookText({ text }: { text: string }) {
  return (
    <>
      {partsOf(text).map((part, index) => (
        <Section key={`${String(index)} ${part.title}`} id={`part-${String(index)}`} title={part.title}>
          <Blocks lines={part.lines} />
        </Section>
      ))}
    </>
  );
}

function Blocks({ lines }: { lines: readonly string[] }) {
  const blocks = lines
    .join("\n")
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== "");
  return blocks.map((block, index) => {
    const items = block.split("\n");
    const key = `${String(index)} ${block.slice(0, 20)}`;
    if (items.every((item) => /^([-*]|\d+\.) /.test(item))) {
      const list = items.map((item) => <li key={item}>{item.replace(/^([-*]|\d+\.) /, "")}</li>);
      return /^\d/.test(block) ? <ol key={key}>{list}</ol> : <ul key={key}>{list}</ul>;
    }
    return (
      <p key={key} className="keep">
        {block}
      </p>
    );
  });
}
