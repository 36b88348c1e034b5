// node mail.mjs < MAILS: what postal-mime makes of mails, given as a JSON list of base64, as a JSON list.
// `root` is not part of its documented interface, but only there the headers of a part are seen; the version is pinned.
import { readFileSync } from "node:fs";
import PostalMime from "postal-mime";

const header = (node, name) => node.headers.find((header) => header.key === name)?.value ?? null;
const parts = (node) => [
  { type: node.contentType.parsed.value, language: header(node, "content-language") },
  ...node.childNodes.flatMap(parts),
];

const read = async (octets) => {
  const parser = new PostalMime();
  const mail = await parser.parse(Buffer.from(octets, "base64"));
  return {
    subject: mail.subject ?? "",
    sender: [mail.from?.name ?? "", mail.from?.address ?? ""],
    headers: mail.headers.map((header) => [header.key, header.value]),
    parts: parts(parser.root),
    text: mail.text ?? "",
    html: mail.html ?? "",
    pictures: mail.attachments.map((picture) => [picture.contentId, Buffer.from(picture.content).toString("base64")]),
  };
};

const mails = JSON.parse(readFileSync(0, "utf8"));
const found = [];
for (const octets of mails) found.push(await read(octets));
console.log(JSON.stringify(found));
