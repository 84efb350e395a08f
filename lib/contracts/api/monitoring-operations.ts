import { z } from "zod";
import { acknowledgeAlertBody, alertRule, saveRulesBody, silenceBody } from "#lib/contracts/monitoring-api.ts";
import { operation } from "#lib/contracts/operation.ts";
import { changeChannelBody, createChannelBody, createdChannel } from "#lib/contracts/outgoing-api.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { channelsView, channelView, channelViewQuery } from "#lib/contracts/views/channels-view.ts";
import { alertRow, alertsView, alertsViewQuery, monitoringView, monitoringViewQuery, rulesView } from "#lib/contracts/views/monitoring-view.ts";

/** Monitoring, alerts and the channels that messages go out by. */

const none = z.strictObject({});
const endpointParams = z.strictObject({ endpoint: slug });
const alertParams = z.strictObject({ number: z.coerce.number().int().positive() });
const channelParams = z.strictObject({ channelId: z.uuid() });
const rowVersion = z.object({ rowVersion: z.number().int() });

export const viewMonitoring = operation({
  name: "viewMonitoring",
  method: "GET",
  path: "/api/v1/views/monitoring/{endpoint}",
  summary: "The monitoring page of an endpoint",
  permission: "endpoint:read",
  params: endpointParams,
  query: monitoringViewQuery,
  body: null,
  response: monitoringView,
  status: 200,
});

export const viewAlertRules = operation({
  name: "viewAlertRules",
  method: "GET",
  path: "/api/v1/views/monitoring/{endpoint}/rules",
  summary: "The rule editor of an endpoint",
  permission: "alert:read",
  params: endpointParams,
  query: none,
  body: null,
  response: rulesView,
  status: 200,
});

export const viewAlerts = operation({
  name: "viewAlerts",
  method: "GET",
  path: "/api/v1/views/alerts",
  summary: "The list of alerts",
  permission: "alert:read",
  params: none,
  query: alertsViewQuery,
  body: null,
  response: alertsView,
  status: 200,
});

export const listAlerts = operation({
  name: "listAlerts",
  method: "GET",
  path: "/api/v1/alerts",
  summary: "Alerts, newest first",
  permission: "alert:read",
  params: none,
  query: alertsViewQuery,
  body: null,
  response: z.object({ alerts: z.array(alertRow), next: z.number().int().nullable() }),
  status: 200,
});

export const acknowledgeAlert = operation({
  name: "acknowledgeAlert",
  method: "POST",
  path: "/api/v1/alerts/{number}/acknowledge",
  summary: "Say that an alert was seen and what happens next",
  permission: "alert:acknowledge",
  params: alertParams,
  query: none,
  body: acknowledgeAlertBody,
  response: z.object({ number: z.number().int() }),
  status: 200,
});

export const readAlertRules = operation({
  name: "readAlertRules",
  method: "GET",
  path: "/api/v1/endpoints/{endpoint}/alert-rules",
  summary: "The alert rules of an endpoint",
  permission: "alert:read",
  params: endpointParams,
  query: none,
  body: null,
  response: z.object({ rules: z.array(alertRule), rowVersion: z.number().int(), isDefault: z.boolean() }),
  status: 200,
});

export const saveAlertRules = operation({
  name: "saveAlertRules",
  method: "PUT",
  path: "/api/v1/endpoints/{endpoint}/alert-rules",
  summary: "Put new alert rules in place of the old ones",
  permission: "alert:edit_rules",
  params: endpointParams,
  query: none,
  body: saveRulesBody,
  response: rowVersion,
  status: 200,
});

export const silenceAlerts = operation({
  name: "silenceAlerts",
  method: "POST",
  path: "/api/v1/endpoints/{endpoint}/silences",
  summary: "Send no messages about a rule or an endpoint for a while",
  permission: "alert:silence",
  params: endpointParams,
  query: none,
  body: silenceBody,
  response: z.object({ id: z.string(), until: z.string() }),
  status: 201,
});

export const endSilence = operation({
  name: "endSilence",
  method: "POST",
  path: "/api/v1/silences/{silenceId}/end",
  summary: "End a silence before its time",
  permission: "alert:silence",
  params: z.strictObject({ silenceId: z.uuid() }),
  query: none,
  body: none,
  response: z.object({ id: z.string() }),
  status: 200,
});

export const readMetrics = operation({
  name: "readMetrics",
  method: "GET",
  path: "/api/v1/metrics",
  summary: "Rules, drift, alerts and lag in the Prometheus text format; also at /metrics",
  permission: "endpoint:read",
  params: none,
  query: none,
  body: null,
  response: null,
  status: 200,
  responseType: "text/plain; version=0.0.4",
});

export const viewChannels = operation({
  name: "viewChannels",
  method: "GET",
  path: "/api/v1/views/channels",
  summary: "Channels that messages go out by",
  permission: "channel:read",
  params: none,
  query: none,
  body: null,
  response: channelsView,
  status: 200,
});

export const viewChannel = operation({
  name: "viewChannel",
  method: "GET",
  path: "/api/v1/views/channels/{channelId}",
  summary: "A channel with what was sent to it",
  permission: "channel:read",
  params: channelParams,
  query: channelViewQuery,
  body: null,
  response: channelView,
  status: 200,
});

export const createChannel = operation({
  name: "createChannel",
  method: "POST",
  path: "/api/v1/channels",
  summary: "Create a channel; a webhook's signing secret is answered this once",
  permission: "channel:manage",
  params: none,
  query: none,
  body: createChannelBody,
  response: createdChannel,
  status: 201,
  isSecret: true,
});

export const changeChannel = operation({
  name: "changeChannel",
  method: "PATCH",
  path: "/api/v1/channels/{channelId}",
  summary: "Change a channel's name, events, environments, or turn it on or off",
  permission: "channel:manage",
  params: channelParams,
  query: none,
  body: changeChannelBody,
  response: z.object({ channelId: z.string() }),
  status: 200,
});

export const removeChannel = operation({
  name: "removeChannel",
  method: "DELETE",
  path: "/api/v1/channels/{channelId}",
  summary: "Remove a channel; the record of what was sent to it stays",
  permission: "channel:manage",
  params: channelParams,
  query: none,
  body: null,
  response: z.object({ channelId: z.string() }),
  status: 200,
});

export const testChannel = operation({
  name: "testChannel",
  method: "POST",
  path: "/api/v1/channels/{channelId}/test",
  summary: "Send a test message",
  permission: "channel:manage",
  params: channelParams,
  query: none,
  body: none,
  response: z.object({ deliveryId: z.string() }),
  status: 202,
});

export const replayDelivery = operation({
  name: "replayDelivery",
  method: "POST",
  path: "/api/v1/deliveries/{deliveryId}/replay",
  summary: "Send a message again, or try a waiting one at once",
  permission: "channel:manage",
  params: z.strictObject({ deliveryId: z.uuid() }),
  query: none,
  body: none,
  response: z.object({ deliveryId: z.string() }),
  status: 202,
});
