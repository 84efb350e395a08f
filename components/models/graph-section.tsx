"use client";

import { useQuery } from "@tanstack/react-query";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { graphQuery } from "#lib/client/artifact-queries.ts";
import type { GraphView } from "#lib/contracts/views/graph-view.ts";
import { Section } from "../ui/section.tsx";

const BOX = { width: 124, height: 26, gapX: 14, gapY: 26, edge: 8 } as const;

/** How the operators of an ONNX model are wired, drawn from its bytes; the list says the same in words. */
export function GraphSection({ modelName, versionName }: { modelName: string; versionName: string }) {
  const { data, isError } = useQuery(graphQuery(modelName, versionName));
  return (
    <Section id="graph" title="Graph" caption={data === undefined ? "read from the file" : captionOf(data)}>
      {data === undefined ? (
        <p className="small" aria-live="polite">
          {isError ? "The graph could not be read. Load the page again." : "Reading the graph."}
        </p>
      ) : (
        <>
          <GraphPicture graph={data} />
          {data.leftOut > 0 ? (
            <p className="caption table-foot">
              The first {formatNumber(data.boxes.length)} operators are drawn; {formatNumber(data.leftOut)} more follow.
            </p>
          ) : null}
          <details className="field-more">
            <summary>The same as a list</summary>
            <ol className="small">
              {data.boxes.map((box, index) => (
                <li key={index}>
                  {box.label}
                  {takesFrom(data, index)}
                </li>
              ))}
            </ol>
          </details>
        </>
      )}
    </Section>
  );
}

function captionOf({ nodeCount, initialiserCount, flopsPerRow }: GraphView): string {
  const parts = `${formatCount(nodeCount, "operator")}, ${formatCount(initialiserCount, "tensor")} of weights`;
  return flopsPerRow === null
    ? parts
    : `${parts}; at least ${formatNumber(flopsPerRow)} multiplications and additions for a row`;
}

function takesFrom({ lines, boxes }: GraphView, index: number): string {
  const makers = lines.filter(([, to]) => to === index).map(([from]) => boxes[from]?.label ?? "");
  return makers.length === 0 ? ", takes the inputs" : `, takes ${makers.join(" and ")}`;
}

function GraphPicture({ graph }: { graph: GraphView }) {
  const width = Math.max(1, graph.width) * (BOX.width + BOX.gapX) + BOX.edge * 2 - BOX.gapX;
  const height = graph.rows * (BOX.height + BOX.gapY) + BOX.edge * 2 - BOX.gapY;
  const widths = new Map<number, number>();
  for (const { row, place } of graph.boxes) widths.set(row, Math.max(widths.get(row) ?? 0, place + 1));
  const x = (index: number): number => {
    const box = graph.boxes[index];
    const inRow = widths.get(box?.row ?? 0) ?? 1;
    const start = (width - inRow * (BOX.width + BOX.gapX) + BOX.gapX) / 2;
    return start + (box?.place ?? 0) * (BOX.width + BOX.gapX);
  };
  const y = (index: number): number => BOX.edge + (graph.boxes[index]?.row ?? 0) * (BOX.height + BOX.gapY);
  return (
    <div className="graph-scroll" role="region" aria-label="Picture of the graph" tabIndex={0}>
      <svg
        className="graph-picture"
        width={width}
        height={height}
        viewBox={`0 0 ${String(width)} ${String(height)}`}
        role="img"
        aria-label={`${String(graph.boxes.length)} operators in ${String(graph.rows)} rows, from inputs above to outputs below`}
      >
        {graph.lines.map(([from, to], index) => (
          <line
            key={index}
            x1={x(from) + BOX.width / 2}
            y1={y(from) + BOX.height}
            x2={x(to) + BOX.width / 2}
            y2={y(to)}
          />
        ))}
        {graph.boxes.map((box, index) => (
          <g key={index}>
            <rect x={x(index)} y={y(index)} width={BOX.width} height={BOX.height} />
            <text x={x(index) + BOX.width / 2} y={y(index) + BOX.height / 2 + 4} textAnchor="middle">
              {box.label.length > 18 ? `${box.label.slice(0, 17)}\u2026` : box.label}
              <title>{box.label}</title>
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
