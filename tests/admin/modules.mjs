// modules.mjs: injection files that people might have written, and what JavaScript makes of them.
//
//	node modules.mjs make FOLDER COUNT   writes FOLDER/v1/injection.ts ...
//	node modules.mjs check FOLDER        reads lines "number hex-of-prompt", of those that were read
//
// check prints how many prompts are what the module exports, how many modules were not read that
// JavaScript runs, and how many prompts are wrong.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , verb, folder, count] = process.argv;

let seed = 7;
const random = n => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
};
const one = list => list[random(list.length)];
const bits = ['a', 'é', '😀', '\\n', '\\`', '\\$', '${', '\\u{41}', '\\x41', '\\uD83D\\uDE00', '\\\n',
  '\\\r\n', '\r\n', '\n', '"', "'", '\\\\', '$', '{', '}', '\\q', '\\v', '\u2028', '\\0', '\\1', '//', '/*',
  '*/', ' ', '\ufeff', '\t', '\\uD83D'];
const parts = ['"p\\x41"', "'q'", '`r\\\n\\u{1F600}`'];
const text = () => {
  const quote = one('"\'`');
  return quote + Array.from({ length: 1 + random(6) }, () => one(bits)).join('') + quote;
};
const value = () => one([() => `${text()} + ${text()}`, () => `${text()}.trim()`, () => `(${text()})`,
  () => 'part', () => text() + '\n' + one(['+', '.trim()', '', '//c\n', '/*\n*/']), text, text, text])();
const module = () => one(['', '// c\n', '/* c */', '\ufeff']) + `const part = ${one(parts)}` + one([';', '\n']) +
  one([() => `export const prompt = ${value()}`, () => `export default ${value()}`,
    () => `export default { x: 1, prompt: ${value()} }`,
    () => `const p = ${value()};\nexport { p as prompt }`])() + one(['', ';', '\n']);

const exported = async number => {
  const copy = `${folder}/v${number}/_run.mjs`;
  copyFileSync(`${folder}/v${number}/injection.ts`, copy);
  try {
    const found = await import(pathToFileURL(copy));
    const prompt = found.prompt ?? found.default?.prompt ?? found.default;
    encodeURIComponent(prompt); // half of a surrogate pair is no text
    return prompt;
  } catch {
    return null;
  }
};

if (verb === 'make') {
  for (let number = 1; number <= Number(count); number++) {
    mkdirSync(`${folder}/v${number}`, { recursive: true });
    writeFileSync(`${folder}/v${number}/injection.ts`, module());
  }
} else {
  const read = new Map(readFileSync(0, 'utf8').split('\n').filter(Boolean).map(line => line.split(' ')));
  let same = 0, unread = 0, wrong = 0;
  for (let number = 1; number <= Number(count); number++) {
    const prompt = await exported(number), ours = read.get(String(number));
    if (ours === undefined) unread += prompt !== null && prompt.trim() !== '' && !prompt.includes('\0') ? 1 : 0;
    else if (prompt !== null && Buffer.from(prompt).toString('hex') === ours) same++;
    else wrong++;
  }
  console.log(`same ${same}, unread ${unread}, wrong ${wrong}`);
}
