import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import Link from "next/link";

type Variant = "plain" | "primary" | "danger" | "danger-solid" | "quiet";

const variantClass: Readonly<Record<Variant, string>> = {
  plain: "",
  primary: "btn-primary",
  danger: "btn-danger",
  "danger-solid": "btn-danger is-solid",
  quiet: "btn-quiet",
};

export function buttonClass(variant: Variant = "plain", small = false, extra = ""): string {
  return ["btn", variantClass[variant], small ? "btn-small" : "", extra].filter(Boolean).join(" ");
}

export type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> & {
  readonly variant?: Variant;
  readonly small?: boolean;
  /** Closed: keeps focus, does nothing, and `aria-describedby` should name the text that says why. */
  readonly closed?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
  readonly children: ReactNode;
};

/** A button is never `disabled`: a closed door keeps its place in the tab order and says why it is closed. */
export function Button({
  variant = "plain",
  small = false,
  closed = false,
  className,
  onClick,
  ref,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      ref={ref}
      className={buttonClass(variant, small, className)}
      aria-disabled={closed || undefined}
      onClick={(event) => {
        if (closed) {
          event.preventDefault();
          return;
        }
        onClick?.(event);
      }}
    />
  );
}

export type ButtonLinkProps = {
  readonly href: string;
  readonly variant?: Variant;
  readonly small?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
};

export function ButtonLink({
  href,
  variant = "plain",
  small = false,
  className = "",
  children,
}: ButtonLinkProps) {
  return (
    <Link href={href} className={buttonClass(variant, small, className)} prefetch={false}>
      {children}
    </Link>
  );
}
