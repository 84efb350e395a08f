/** The reader's theme: a cookie, so that the server paints the first pixel in it. */
export const themes = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof themes)[number];
export const THEME_COOKIE = "slipway_theme";

export const themeWords: Readonly<Record<Theme, string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
  contrast: "High contrast",
};

/** Anything unknown is `system`. */
export function themeFrom(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? "system";
}

/** Value of `data-theme`, or undefined where the system decides. */
export function themeAttribute(theme: Theme): string | undefined {
  return theme === "system" ? undefined : theme;
}

/** Puts the theme on the page now and in the cookie for the next one (a year). */
export function applyTheme(theme: Theme, page: Document): void {
  const attribute = themeAttribute(theme);
  if (attribute === undefined) delete page.documentElement.dataset["theme"];
  else page.documentElement.dataset["theme"] = attribute;
  page.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`;
}
