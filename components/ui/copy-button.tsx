"use client";

import { useEffect, useState } from "react";
import { Button } from "./button.tsx";

export type CopyButtonProps = {
  readonly text: string | (() => string);
  /** "Copy", "Copy SVG". */
  readonly label?: string;
  /** What is copied, for those who do not see where the button stands. */
  readonly what: string;
};

/** Copies and says so for two seconds; where the clipboard is closed it says that instead. */
export function CopyButton({ text, label = "Copy", what }: CopyButtonProps) {
  const [said, setSaid] = useState<"idle" | "copied" | "refused">("idle");

  useEffect(() => {
    if (said === "idle") return;
    const timer = setTimeout(() => {
      setSaid("idle");
    }, 2000);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setSaid("copied");
    } catch {
      setSaid("refused");
    }
  };

  return (
    <Button
      variant="quiet"
      small
      onClick={() => {
        void copy();
      }}
    >
      <span aria-live="polite">
        {said === "idle" ? label : said === "copied" ? "Copied" : "Not allowed here"}
        <span className="vh"> {what}</span>
      </span>
    </Button>
  );
}
