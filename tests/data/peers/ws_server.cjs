// A server of the npm package `ws`: it closes whoever does not answer its ping.
const { WebSocketServer } = require("ws");

if (process.argv[2] === "try") process.exit();

const event = (number) => JSON.stringify({ id: `e-${number}`, type: "auth.ok", data: { n: number } });

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true }, () =>
  console.log(server.address().port),
);
server.on("connection", (socket, request) => {
  socket.send(event(1));
  socket.ping();
  socket.once("pong", () => {
    socket.send(event(2) + "\n" + event(3));
    socket.send(Buffer.from(event(4)));
    socket.close(4001, "maintenance");
  });
});
