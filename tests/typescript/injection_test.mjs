// injection_test.mjs: files made for hundreds of prompts are compiled together by the TypeScript
// compiler, as strictly as it can, and evaluate to the prompts' bytes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.resolve("tests/typescript/injection_write"); // the current folder is the build's
const tsc = path.join(here, "node_modules/typescript/bin/tsc");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "typescript."));

// The same numbers in each run: a failure comes back.
let state = 42n;
function dice(sides) {
	state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
	return Number(state >> 33n) % sides;
}

function codesBetween(first, last) {
	let text = "";
	for (let code = first; code <= last; code++)
		if (code < 0xd800 || code >= 0xe000)
			text += String.fromCodePoint(code);
	return text;
}

const shards = ["`", "${", "}", "${x}", "\\", "\\\\", "\\n", "\\u", "\\u{", "\\x4", "'", "\"", "\"\"\"",
	"\r", "\n", "\r\n", "\u2028", "\u2029", "\ufeff", "\u0085", "👍", "👩‍👩‍👧", "\u0301", "e\u0301",
	"\ufffe", "\uffff", "\u{10ffff}", "\u202e", "\t", "</script>", "<!--", "-->", "//", "/*", "*/",
	"export default 1;", "import x from 'y';", "#!/bin/sh", "\"use strict\"", "%", "@ts-ignore", "a", " "];

const prompts = [...shards, "a", " ", "\n", "\r", "\r\n\n\r", "\\", "\\\\\"", "\"", "\";throw 1;\"",
	"ends with a backslash \\", "// @ts-expect-error\n", "*/ throw 1 /*", "`${process.exit(1)}`",
	codesBetween(1, 0x2fff), codesBetween(0x3000, 0xffff), codesBetween(0x1f000, 0x1ffff),
	"\u0301\u0302 lone marks", "x".repeat(1 << 20), "\"\\`${\n".repeat(1 << 17), "日本語".repeat(1 << 16),
	"line\r\n".repeat(1 << 14)];
while (prompts.length < 600) {
	let prompt = "";
	for (let count = 1 + dice(40); count > 0; count--)
		prompt += dice(6) === 0 ? codesBetween(0x20 + dice(0xd000), 0x20 + dice(0xd000) + 2).slice(0, 3)
			: shards[dice(shards.length)];
	prompts.push(prompt);
}

function write(folder, list) {
	const parts = [];
	for (const prompt of list) {
		const bytes = Buffer.isBuffer(prompt) ? prompt : Buffer.from(prompt, "utf8");
		parts.push(Buffer.from(`${bytes.length}\n`), bytes);
	}
	return spawnSync(program, [folder], { input: Buffer.concat(parts) });
}

before(() => {
	fs.mkdirSync(path.join(work, "src"));
	fs.writeFileSync(path.join(work, "package.json"), '{"type": "module"}');
	const done = write(path.join(work, "src"), prompts);
	assert.equal(done.status, 0, String(done.error ?? done.stderr));
});
after(() => fs.rmSync(work, { recursive: true }));

test("the compiler takes all files, strictly, without a word", () => {
	// A module of its own uses them all, so that their types are looked at, too.
	const uses = prompts.map((_, n) =>
		`import whole${n}, { prompt as named${n} } from "./${n}.js";\n` +
		`const text${n}: string = whole${n} + named${n};\nexport { text${n} };\n`);
	fs.writeFileSync(path.join(work, "src", "all.ts"), uses.join(""));
	fs.writeFileSync(path.join(work, "tsconfig.json"), JSON.stringify({
		compilerOptions: {
			strict: true, skipLibCheck: true, noEmitOnError: true, noUnusedLocals: true, isolatedModules: true,
			verbatimModuleSyntax: true, isolatedDeclarations: true, declaration: true,
			target: "es2022", module: "nodenext", types: [], rootDir: "src", outDir: "out",
		},
		include: ["src/*.ts"],
	}));
	const done = spawnSync(process.execPath, [tsc, "-p", work], { encoding: "utf8" });
	assert.equal(done.stdout, "");
	assert.equal(done.status, 0, done.stderr);
});

test("each file evaluates to the bytes of its prompt", async () => {
	for (const [number, prompt] of prompts.entries()) {
		const module = await import(pathToFileURL(path.join(work, "out", `${number}.js`)));
		assert.ok(Buffer.from(module.prompt, "utf8").equals(Buffer.from(prompt, "utf8")),
			`prompt ${number}: ${JSON.stringify(prompt.slice(0, 80))}`);
		assert.equal(module.prompt, prompt);
		assert.equal(module.default, module.prompt);
		assert.deepEqual(Object.keys(module).sort(), ["default", "prompt"]);
	}
	assert.ok(prompts.length >= 600);
});

test("a NUL and what is no UTF-8 is refused", () => {
	const folder = fs.mkdtempSync(path.join(work, "refused."));
	for (const bytes of [[0x61, 0x00, 0x62], [0x00], [0xff], [0xc3], [0xed, 0xa0, 0x80]]) {
		assert.equal(write(folder, [Buffer.from(bytes)]).status, 2);
		assert.deepEqual(fs.readdirSync(folder), []);
	}
});
