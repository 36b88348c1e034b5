// node katex.mjs < FORMULAS: what KaTeX makes of formulas, given as a JSON list of [LaTeX, display, macros], as a JSON
// list of MathML; null for those it does not know.
import { readFileSync } from "node:fs";
import katex from "katex";

const mathml = (tex, displayMode, macros) => {
  try {
    return katex.renderToString(tex, { displayMode, macros, output: "mathml", strict: "ignore", trust: true, maxExpand: 10000 });
  } catch (error) {
    if (error instanceof katex.ParseError) return null;
    throw error;
  }
};

const formulas = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(formulas.map(([tex, display, macros]) => mathml(tex, display, { ...macros }))));
