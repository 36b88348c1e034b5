// node read.mjs READER FILE: what a reader of npm makes of a feed, as a JSON list of entries.
import { readFileSync } from "node:fs";

const text = readFileSync(process.argv[3], "utf8");
const iso = (date) => (date ? new Date(date).toISOString() : null);

const readers = {
  "rss-parser": async () => {
    const { default: Parser } = await import("rss-parser");
    const feed = await new Parser({ customFields: { item: ["id"] } }).parseString(text);
    return feed.items.map((item) => ({
      title: item.title,
      link: item.link,
      id: item.guid ?? item.id,
      date: iso(item.isoDate),
      content: item["content:encoded"] ?? item.content,
    }));
  },
  rowanmanning: async () => {
    const { parseFeed } = await import("@rowanmanning/feed-parser");
    return parseFeed(text).items.map((item) => ({
      title: item.title,
      link: item.url,
      id: item.id,
      date: iso(item.published),
      content: item.content,
    }));
  },
  feedsmith: async () => {
    const { parseFeed } = await import("feedsmith");
    const { format, feed } = parseFeed(text);
    if (format === "json")
      return feed.items.map((item) => ({
        title: item.title,
        link: item.url,
        id: item.id,
        date: iso(item.date_published),
        content: item.content_html,
        language: item.language,
      }));
    return (feed.entries ?? feed.items).map((item) => ({
      title: item.title?.value ?? item.title,
      link: item.link ?? item.links.find((link) => link.rel === "alternate").href,
      id: item.guid?.value ?? item.id,
      date: iso(item.published ?? item.pubDate),
      content: item.content?.value ?? item.content?.encoded ?? item.content,
      language: item.dc?.languages?.[0] ?? item.dc?.language,
    }));
  },
};

console.log(JSON.stringify(await readers[process.argv[2]]()));
