import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { ProductShell } from "#components/shell/product-shell.tsx";
import { findViewer } from "#lib/api/viewer.ts";
import { THEME_COOKIE, themeFrom } from "#lib/client/theme.ts";

/** The frame around every page of the product. Pages themselves send strangers to the sign-in, with their own address to come back to. */
export default async function ProductLayout({
  children,
}: {
  children: ReactNode;
}): Promise<ReactNode> {
  const viewer = await findViewer();
  if (viewer === null) return children;
  const shell = await viewer.app.views.readShellView(viewer.actor, {});
  const theme = themeFrom((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <ProductShell shell={shell} theme={theme}>
      {children}
    </ProductShell>
  );
}
