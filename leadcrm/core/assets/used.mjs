// Takes {css, texts, starts} as JSON from standard input; writes the rules that may be used to standard output.
import { text } from "node:stream/consumers";
import { PurgeCSS } from "purgecss";

const { css, texts, starts } = JSON.parse(await text(process.stdin));
const [made] = await new PurgeCSS().purge({
  css: [{ raw: css }],
  content: texts.map((raw) => ({ raw, extension: "txt" })),
  keyframes: true,
  safelist: starts.map((start) => new RegExp(`^${start}`)),
});
process.stdout.write(made.css);
