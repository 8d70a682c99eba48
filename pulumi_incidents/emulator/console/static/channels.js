// The channels of a person: their state, the code that was "sent" to them, and what to do with it.

import { contacts } from "./api.js";
import { h } from "./dom.js";
import { dialog, field, form } from "./forms.js";
import { moment, theirs } from "./parts.js";
import { CHANNELS } from "./words.js";

export function channelWord(type) {
  const word = CHANNELS[type] ?? type;
  return word[0].toUpperCase() + word.slice(1);
}

/** One channel; `code` is what `/_local/activations` has of it, if anything. */
export function channelRow(channel, code, done) {
  const active = channel.ActivationStatus === "ACTIVATED";
  const label = `${channelWord(channel.Type)} ${channel.Name}`;
  const sending = code ? "Send another code" : "Send code";
  return h("li", { key: channel.ContactChannelArn, class: "row channel" },
    h("div", { class: "what" },
      h("p", { key: "name" }, h("b", {}, channelWord(channel.Type)), " ", theirs(channel.Name), " ",
        h("span", { class: `status ${active ? "status-active" : "status-waiting"}` }, active ? "Active" : "Not activated")),
      h("p", { key: "address", class: "muted" }, theirs(channel.DeliveryAddress?.SimpleAddress ?? "")),
      code && sent(code),
      !active && activation(channel, label, done)),
    h("div", { class: "actions" }, active
      ? h("button", { type: "button", key: "off", class: "quiet", "aria-label": `Deactivate ${label}`, onclick: () => deactivate(channel, label, done) }, "Deactivate")
      : h("button", { type: "button", key: "send", class: "quiet", "aria-label": `${sending} to ${label}`, onclick: () => send(channel, label, done) }, sending)));
}

function sent(code) {
  return h("p", { key: "code", class: "sent" }, "The code that was “sent”: ", h("code", {}, code.activationCode), " ",
    h("span", { class: "muted" }, moment(code.sentTime)));
}

function activation(channel, label, done) {
  const code = field("Code", h("input", { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 10, "aria-label": `Code of ${label}` }));
  return form(`activate ${channel.ContactChannelArn}`, code.row, "Activate", async () => {
    await contacts.call("ActivateContactChannel", { ContactChannelId: channel.ContactChannelArn, ActivationCode: code.control.value.trim() });
    done();
  });
}

function send(channel, label, done) {
  dialog({
    title: "Send a code?",
    submit: "Send",
    content: [h("p", { dir: "auto" }, `${label} gets another code, which appears beside it: nothing leaves this machine. The one before is good no longer.`)],
    act: async () => {
      await contacts.call("SendActivationCode", { ContactChannelId: channel.ContactChannelArn });
      done();
    },
  });
}

function deactivate(channel, label, done) {
  dialog({
    title: "Deactivate the channel?",
    submit: "Deactivate",
    danger: true,
    content: [h("p", { dir: "auto" }, `${label} is paged no longer, until it is activated with another code.`)],
    act: async () => {
      await contacts.call("DeactivateContactChannel", { ContactChannelId: channel.ContactChannelArn });
      done();
    },
  });
}
