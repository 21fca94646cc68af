import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setting } from "./support";

const HEADER = 12;
/** The codes of RFC 1035 §3.2.2 and §3.2.4. */
const [TXT, IN] = [16, 1];
/** It answers, as a server of the zone; with this, there is no such name. */
const [ANSWERS, NO_SUCH_NAME] = [0x8400, 3];

/** The name that is asked for, in lower case, and where the question ends. */
function questionOf(asked: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = asked[at] ?? 0; length > 0; length = asked[at] ?? 0) {
    labels.push(asked.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

/** The answer to a question: the text of its name, if it has one (RFC 1035 §4). */
function answerTo(asked: Buffer, texts: Map<string, string>): Buffer {
  const { name, end } = questionOf(asked);
  const text = texts.get(name);
  const isText = asked.readUInt16BE(end - 4) === TXT;
  const header = Buffer.alloc(HEADER);
  asked.copy(header, 0, 0, 2);
  header.writeUInt16BE(ANSWERS | (asked.readUInt16BE(2) & 0x0100) | (text === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  const question = asked.subarray(HEADER, end);
  if (text === undefined || !isText) return Buffer.concat([header, question]);
  header.writeUInt16BE(1, 6);
  const record = Buffer.alloc(13 + text.length);
  // Its name is that of the question.
  record.writeUInt16BE(0xc000 | HEADER, 0);
  record.writeUInt16BE(TXT, 2);
  record.writeUInt16BE(IN, 4);
  record.writeUInt16BE(text.length + 1, 10);
  record.writeUInt8(text.length, 12);
  record.write(text, 13, "latin1");
  return Buffer.concat([header, question, record]);
}

/** A name server of this machine, the one that the server asks: it has these texts, of up to 255 letters, and nothing else. */
export async function nameServer(texts: Map<string, string>): Promise<{ close: () => Promise<void> }> {
  const socket = createSocket("udp4");
  socket.on("message", (asked, { port, address }) => socket.send(answerTo(asked, texts), port, address));
  socket.bind(Number(setting("E2E_DNS_PORT")), "127.0.0.1");
  await once(socket, "listening");
  const close = async () => {
    socket.close();
    await once(socket, "close");
  };
  return { close };
}
