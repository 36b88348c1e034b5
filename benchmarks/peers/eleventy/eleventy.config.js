// Feeds only: posts have no page of their own. Eleventy renders every post whatever is made of it.
import { rssPlugin } from "@11ty/eleventy-plugin-rss";

export default function (config) {
  config.addPlugin(rssPlugin);
  for (const lang of ["en", "zh"]) {
    config.addCollection(lang, (all) =>
      all.getFilteredByGlob(`posts/${lang}/*.md`).sort((one, other) => other.date - one.date).slice(0, 20));
  }
  config.addGlobalData("editions", ["en", "zh"]);
  return { dir: { output: "_site" }, markdownTemplateEngine: false, templateFormats: ["md", "njk"] };
}
