// Renders texts by a renderer of Hexo: {"renderer", "options", "texts"} come in, a list of HTML goes out.
const read = require("fs").readFileSync;

const version = (name) => `${name} ${JSON.parse(read(`${__dirname}/node_modules/${name}/package.json`)).version}`;
if (process.argv[2] === "--version") {
  console.log(["hexo-renderer-marked", "marked", "hexo-renderer-markdown-it", "markdown-it"].map(version).join(", "));
  process.exit();
}

const given = JSON.parse(read(0, "utf8"));
const key = { "hexo-renderer-marked": "marked", "hexo-renderer-markdown-it": "markdown" }[given.renderer];
let render;
global.hexo = {
  config: { url: "https://example.org", root: "/", relative_link: false, post_asset_folder: false, [key]: given.options },
  base_dir: __dirname,
  source_dir: "source",
  log: console,
  execFilterSync: (_name, data) => data,
  extend: { renderer: { register: (_from, _to, made) => { render = made; } } },
};
require(given.renderer);
console.log(JSON.stringify(given.texts.map((text) => render.call(global.hexo, { text }, {}))));
