/**
 * What a person does on a page before React lives on it: what was typed and chosen, the form that was sent, the button that was pressed.
 * Without it a form that is sent early reloads the page with its fields, passwords included, in the address.
 */
export type EarlyInput = {
  readonly controls: Set<Element>;
  sent: { readonly form: HTMLFormElement; readonly by: HTMLElement | null } | null;
  pressed: HTMLElement | null;
  readonly stop: () => void;
};

declare global {
  interface Window {
    slipwayEarlyInput?: EarlyInput;
  }
}

/** Runs as text at the top of the page, so it may use nothing from outside its own braces. */
function recordEarlyInput(): void {
  const events = new AbortController();
  const listening = { capture: true, signal: events.signal };
  const early: EarlyInput = {
    controls: new Set(),
    sent: null,
    pressed: null,
    stop: () => events.abort(),
  };
  // React may come to life within an event and answer it itself: only what it left unanswered is kept.
  const keep = (act: () => void): void => {
    setTimeout(() => {
      if (!events.signal.aborted) act();
    });
  };
  const touched = (event: Event): void => {
    if (event.target instanceof Element) early.controls.add(event.target);
  };
  document.addEventListener("input", touched, listening);
  document.addEventListener("change", touched, listening);
  document.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter: by } = event;
      if (!(form instanceof HTMLFormElement)) return;
      event.preventDefault();
      keep(() => {
        early.sent = { form, by };
        early.pressed = null;
      });
    },
    listening,
  );
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      // A form is kept when it is sent; a popover opens without React.
      if (button === null || button.type === "submit" || button.popoverTargetElement !== null)
        return;
      keep(() => {
        early.pressed = button;
        early.sent = null;
      });
    },
    listening,
  );
  window.slipwayEarlyInput = early;
}

/** The recorder as a script for the document; it needs the page's nonce. */
export const earlyInputScript = `(${recordEarlyInput.toString()})()`;

/**
 * Hands what was done early to the components that own the fields and buttons. To be called in a layout effect above all of them: what was
 * typed is still in the fields then. It is told one field at a time after that commit, because a handler may know the other fields only
 * from the last render.
 */
export function replayEarlyInput(early: EarlyInput): void {
  early.stop();
  const told = [...early.controls].map(telling);
  setTimeout(() => {
    for (const tell of told) tell();
    const { sent, pressed } = early;
    if (sent?.form.isConnected === true)
      sent.form.requestSubmit(sent.by?.isConnected === true ? sent.by : null);
    else if (pressed?.isConnected === true) pressed.click();
  });
}

/** Keeps what the control holds now; calling it tells React, which compares with the value it last saw set on the element itself. */
function telling(control: Element): () => void {
  const say = (name: string): boolean => control.dispatchEvent(new Event(name, { bubbles: true }));
  if (control instanceof HTMLSelectElement) {
    const chosen = [...control.options].map((option) => option.selected);
    return () => {
      [...control.options].forEach((option, index) => (option.selected = chosen[index] ?? false));
      say("change");
    };
  }
  if (
    control instanceof HTMLInputElement &&
    (control.type === "checkbox" || control.type === "radio")
  ) {
    const { checked } = control;
    return () => {
      control.checked = !checked;
      setUnseen(HTMLInputElement.prototype, "checked", control, checked);
      say("click");
    };
  }
  if (
    control instanceof HTMLTextAreaElement ||
    (control instanceof HTMLInputElement && control.type !== "file")
  ) {
    const { value } = control;
    return () => {
      control.value = "";
      setUnseen(Object.getPrototypeOf(control) as object, "value", control, value);
      say("input");
    };
  }
  return () => say("change");
}

/** By the prototype's setter, which React does not watch. */
function setUnseen(prototype: object, property: string, control: Element, to: unknown): void {
  Object.getOwnPropertyDescriptor(prototype, property)?.set?.call(control, to);
}
