"use client";

import { useState } from "react";
import { applyTheme, themes, themeWords, type Theme, themeFrom } from "#lib/client/theme.ts";
import { PickGroup } from "../ui/field.tsx";

/** Light, dark, high contrast or as the system; in force at once, remembered in a cookie. */
export function ThemeChoice({ theme }: { theme: Theme }) {
  const [chosen, setChosen] = useState(theme);
  return (
    <PickGroup
      id="theme"
      legend="Theme"
      name="theme"
      value={chosen}
      options={themes.map((value) => ({ value, label: themeWords[value] }))}
      onChange={(value) => {
        const next = themeFrom(value);
        setChosen(next);
        applyTheme(next, document);
      }}
    />
  );
}
