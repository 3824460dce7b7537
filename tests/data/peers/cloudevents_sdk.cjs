// The same through the npm package.
const { CloudEvent, HTTP, Mode, emitterFor, httpTransport } = require("cloudevents");
const readline = require("readline");

async function main([what, address]) {
  if (what === "try") return;
  if (what === "read") {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      const headers = { "content-type": "application/cloudevents+json" };
      const event = HTTP.toEvent({ headers, body: line });
      event.validate();
      console.log(JSON.stringify([event.id, event.source, event.type, event.data]));
    }
    return;
  }
  let number = 0;
  for (const mode of [Mode.STRUCTURED, Mode.BINARY]) {
    number += 1;
    const event = new CloudEvent({ id: `e-${number}`, type: "order.created", source: "/shop", data: { n: number } });
    const emit = emitterFor(httpTransport(address), { mode });
    const answer = await emit(event);
    if (answer.body !== "") throw new Error(answer.body);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
