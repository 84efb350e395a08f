"use client";

import { useId } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Keys } from "../ui/keys.tsx";
import { useShortcutList, useSingleKeys } from "./shortcuts-provider.tsx";

/** Every key that does something on this page, and the switch that turns single keys off. */
export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const id = useId();
  const shortcuts = useShortcutList().filter((shortcut) => shortcut.keys !== "");
  const singleKeys = useSingleKeys();
  return (
    <Dialog open={open} onClose={onClose} labelledBy={id}>
      <div className="dialog-body">
        <h2 id={id}>Keys on this page</h2>
        <dl className="help-keys">
          {shortcuts.map((shortcut) => (
            <div key={shortcut.keys}>
              <dt>{shortcut.does}</dt>
              <dd>
                <Keys keys={keyCaps(shortcut.keys)} />
              </dd>
            </div>
          ))}
        </dl>
        <label className="choice">
          <input
            type="checkbox"
            checked={singleKeys.on}
            onChange={(event) => {
              singleKeys.set(event.target.checked);
            }}
          />
          <span>
            Single keys act. Switch this off if your software types them for you; keys with Ctrl
            always work.
          </span>
        </label>
      </div>
      <div className="dialog-foot">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** "Shift+R" -> ["Shift", "R"], "g i" -> ["g", "i"]. */
export function keyCaps(keys: string): readonly string[] {
  return keys.includes("+") && keys.length > 1 ? keys.split("+") : keys.split(" ");
}
