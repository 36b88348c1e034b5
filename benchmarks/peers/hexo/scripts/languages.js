// The plugin makes one feed of all posts; here it is asked once for each language. Nothing else is generated.
const plugin = require('hexo-generator-feed/lib/generator');

hexo.on('generateBefore', () => {
  const generators = hexo.extend.generator.list();
  Object.keys(generators).filter((name) => name !== 'languages').forEach((name) => delete generators[name]);
});

hexo.extend.generator.register('languages', (locals) =>
  ['en', 'zh'].flatMap((lang) => {
    const posts = locals.posts.filter((post) => post.lang === lang);
    return [['atom', 'atom.xml'], ['rss2', 'rss2.xml']].map(([type, file]) =>
      plugin.call(hexo, { ...locals, posts }, type, `${lang}/${file}`));
  }));
