// The life of a team with AWS's SDK for JavaScript; prints what it saw as JSON.
import * as contacts from "@aws-sdk/client-ssm-contacts";
import * as incidents from "@aws-sdk/client-ssm-incidents";

const where = { endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1", maxAttempts: 1 };
const people = new contacts.SSMContactsClient(where);
const records = new incidents.SSMIncidentsClient(where);
const call = (command, input) => people.send(new contacts[`${command}Command`](input));
const report = (command, input) => records.send(new incidents[`${command}Command`](input));
const monday = new Date("2026-03-02T09:00:00Z");
const days = (number) => new Date(monday.getTime() + number * 86_400_000);
const alias = (arn) => arn.split("/").at(-1);

async function all(operation, member, input) {
  const paginate = contacts[`paginate${operation}`];
  const found = [];
  for await (const page of paginate({ client: people, pageSize: 1 }, input)) {
    found.push(...page[member]);
  }
  return found;
}

async function control(path, content) {
  const asked = content && { method: "POST", body: JSON.stringify(content) };
  return (await fetch(`${process.env.AWS_ENDPOINT_URL}/_local/${path}`, asked)).json();
}

async function person(name, number) {
  const made = await call("CreateContact", { Alias: name, Type: "PERSONAL", Plan: { Stages: [] } });
  const channel = await call("CreateContactChannel", {
    ContactId: made.ContactArn,
    Name: "phone",
    Type: "SMS",
    DeliveryAddress: { SimpleAddress: number },
  });
  const { activations } = await control(`activations?channel=${channel.ContactChannelArn}`);
  await call("ActivateContactChannel", {
    ContactChannelId: channel.ContactChannelArn,
    ActivationCode: activations[0].activationCode,
  });
  const target = { ChannelTargetInfo: { ContactChannelId: channel.ContactChannelArn } };
  const Stages = [{ DurationInMinutes: 5, Targets: [target] }];
  await call("UpdateContact", { ContactId: made.ContactArn, Plan: { Stages } });
  return made.ContactArn;
}

const team = [await person("ana", "+12065550100"), await person("ben", "+12065550101")];
const rotation = await call("CreateRotation", {
  Name: "weeks",
  ContactIds: team,
  StartTime: monday,
  TimeZoneId: "UTC",
  IdempotencyToken: "weeks",
  Recurrence: {
    NumberOfOnCalls: 1,
    RecurrenceMultiplier: 1,
    WeeklySettings: [{ DayOfWeek: "MON", HandOffTime: { HourOfDay: 9, MinuteOfHour: 0 } }],
  },
});
const RotationId = rotation.RotationArn;
await call("CreateRotationOverride", {
  RotationId,
  NewContactIds: [team[1]],
  StartTime: days(1),
  EndTime: days(2),
  IdempotencyToken: "dentist",
});
const schedule = await call("CreateContact", {
  Alias: "oncall",
  Type: "ONCALL_SCHEDULE",
  Plan: { RotationIds: [RotationId] },
});
const target = (ContactId, IsEssential) => ({ ContactTargetInfo: { ContactId, IsEssential } });
const escalation = await call("CreateContact", {
  Alias: "checkout",
  Type: "ESCALATION",
  Plan: {
    Stages: [
      { DurationInMinutes: 5, Targets: [target(schedule.ContactArn, false)] },
      { DurationInMinutes: 5, Targets: [target(team[1], true)] },
      { DurationInMinutes: 0, Targets: [target(team[0], false)] },
    ],
  },
});
const plan = await report("CreateResponsePlan", {
  name: "checkout",
  incidentTemplate: { title: "Down", impact: 1 },
  engagements: [escalation.ContactArn],
});
const incident = await report("StartIncident", { responsePlanArn: plan.arn });
await control("clock", { advance: 300 });
const IncidentId = incident.incidentRecordArn;
const [engagement] = await all("ListEngagements", "Engagements", { IncidentId });
const { EngagementArn: EngagementId } = engagement;
const pages = await all("ListPagesByEngagement", "Pages", { EngagementId });
const { PageArn: PageId } = pages[0];
const told = (await control("pages")).pages.find((page) => page.pageArn === PageId);
await call("AcceptPage", { PageId, AcceptType: "READ", AcceptCode: told.acceptCode });
await control("clock", { advance: 600 });
const window = { RotationId, StartTime: monday, EndTime: days(8) };
const channels = await all("ListContactChannels", "ContactChannels", { ContactId: team[0] });
const resolutions = await all("ListPageResolutions", "PageResolutions", { PageId });

console.log(
  JSON.stringify({
    contacts: (await all("ListContacts", "Contacts", {})).map((each) => each.Alias),
    channels: channels.map((each) => each.ActivationStatus),
    shifts: (await all("ListRotationShifts", "RotationShifts", window)).map((each) => [
      each.StartTime.toISOString(),
      each.ContactIds.map(alias),
      each.Type,
    ]),
    overrides: (await all("ListRotationOverrides", "RotationOverrides", window)).length,
    subject: (await call("DescribeEngagement", { EngagementId })).Subject,
    pages: (await all("ListPagesByEngagement", "Pages", { EngagementId })).map((each) =>
      alias(each.ContactArn),
    ),
    way: resolutions.map((each) => alias(each.ContactArn)),
    receipts: (await all("ListPageReceipts", "Receipts", { PageId })).map(
      (each) => each.ReceiptType,
    ),
    read: (await call("DescribePage", { PageId })).ReadTime.toISOString(),
    missing: await call("GetRotation", { RotationId: `${RotationId}x` }).catch((error) => [
      error.name,
      error.ResourceType,
    ]),
  }),
);
