/** How a device is started so that it joins: what a person copies to it. */
export const enrolmentCommand = ({ controlUrl, name, code }: { readonly controlUrl: string; readonly name: string; readonly code: string }): string =>
  `SLIPWAY_RUNTIME_ROLE=edge SLIPWAY_CONTROL_URL=${controlUrl} SLIPWAY_RUNTIME_NAME=${name} SLIPWAY_DEVICE_CODE=${code} node runtime/main.ts`;
