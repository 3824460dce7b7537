// A connector in a few lines: delivers a product to a shop and reports to SyncHive how it went.
// Try it without an account:  hivelog sandbox run -- node examples/connector.mjs
import { randomUUID } from "node:crypto";

const url = `${process.env.SYNCHIVE_URL}/data-service/v1/eventLog`;
const headers = {
  "X-Shop-Connector-Key": process.env.SYNCHIVE_KEY,
  "limber-connector": "shop_connector",
  "Content-Type": "application/json",
};

async function log(message, eventCode, lifeCycleStage, outcome, more = {}) {
  const body = {
    eventCode, direction: "OUTBOUND", lifeCycleStage, outcome,
    generatedAt: new Date().toISOString(),
    correlationId: message.correlationId, dataId: message.dataId,
    integrationKey: "ShopNZ", shapeName: "Product", mode: "SANDBOX",
    schemaName: "limber", schemaVersion: "2.1.0", ...more,
  };
  const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status}: ${(await answer.json()).detail}`);
}

// What SyncHive would have sent to the connector.
const message = {
  correlationId: randomUUID(),
  dataId: {
    "@type": "DataReference", schemaName: "limber", shapeName: "Product",
    iri: "https://schema.limbergraph.com/limber/Product#366821d6-a049-46e8-b73a-ea9ee7faea0d",
  },
};
await log(message, "5001N", "OUTBOUND_2", "PROCESSING");
await log(message, "5005N", "OUTBOUND_4", "MESSAGE_DELIVERED");
