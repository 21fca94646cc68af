import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { BASE, setting } from "./support";

/** What a relay says to each command; what is asked for besides is not there. */
const ANSWERS: Record<string, string> = {
  EHLO: "250-localhost\r\n250 8BITMIME",
  MAIL: "250 2.1.0 Ok",
  RCPT: "250 2.1.5 Ok",
  DATA: "354 End data with <CR><LF>.<CR><LF>",
  RSET: "250 2.0.0 Ok",
  NOOP: "250 2.0.0 Ok",
  QUIT: "221 2.0.0 Bye",
};

/** Speaks SMTP (RFC 5321) with one client, and knows nobody that is not known. */
async function serve(socket: Socket, knows: (address: string) => boolean): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let isData = false;
  say("220 localhost ESMTP");
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (isData) {
      isData = line !== ".";
      if (!isData) say("250 2.0.0 Ok: queued as 4cPq1x3Vz9z1T");
      continue;
    }
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<(.*?)>/.exec(line)?.[1] ?? "";
    if (verb === "RCPT" && !knows(address)) {
      say(`550 5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table`);
      continue;
    }
    say(ANSWERS[verb] ?? "502 5.5.2 Command not recognized");
    isData = verb === "DATA";
    if (verb === "QUIT") socket.end();
  }
}

/** A mail server of this machine: takes mail for whom it knows, and delivers none. */
export async function relay(knows: (address: string) => boolean): Promise<{ port: number; close: () => Promise<void> }> {
  const port = Number(setting("E2E_SMTP_PORT"));
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    // A client that goes away without a word ends the conversation as well.
    serve(socket, knows).catch(() => socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    for (const socket of clients) socket.destroy();
    await once(server, "close");
  };
  return { port, close };
}

/** Reports what became of messages as a mail provider does, signed by the secret. Answers the status. */
export async function report(secret: string, events: unknown[]): Promise<number> {
  const body = JSON.stringify({ events });
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "content-type": "application/json", "x-tenantry-signature": `t=${seconds},v1=${signature}` };
  const answer = await fetch(`${BASE}apis/console/v1alpha1/notifiers/default-email-notifier/bounces`, { method: "POST", headers, body });
  return answer.status;
}
