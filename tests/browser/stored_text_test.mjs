// Whatever people, models and providers write is text: each line of tests/attack/xss.txt is stored
// in every field that keeps text and asked for in addresses; no page of it opens a dialog, not even
// where the browser is told to forget the content security policy. It is the last test
// of its stack, which it leaves full of them. URL, ACCOUNT, ACCOUNT_TOKEN,
// OPERATOR_TOKEN and DATABASE_URL say where.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const { URL: base, ACCOUNT, ACCOUNT_TOKEN, OPERATOR_TOKEN, DATABASE_URL } = process.env;
const program = process.env.CHROMIUM ??
	["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const lines = readFileSync(new URL("../attack/xss.txt", import.meta.url), "utf8").split("\n")
	.filter((line) => line && !line.startsWith("#"))
	.map((line) => Buffer.from(line.replace(/\\x([0-9a-f]{2})|\\\\/g, (_, hex) =>
		hex ? String.fromCharCode(parseInt(hex, 16)) : "\\"), "latin1").toString());
const shown = lines.filter((line) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(line));
let browser, one, dialogs = [], strange = [];

before(async () => {
	browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
	const context = await browser.newContext({ baseURL: base, bypassCSP: true });
	one = await context.newPage();
	one.on("dialog", (dialog) => {
		dialogs.push(one.url());
		dialog.dismiss().catch(() => {}); // its page may be gone
	});
	one.on("request", (request) => {
		if (!request.url().startsWith(base) && !/^(data|about|blob):/.test(request.url()))
			strange.push(request.url());
	});
});

after(async () => {
	await browser?.close();
});

// All that a hand could set off: what is focused, pointed at, clicked or opened.
async function provoke(page) {
	await page.evaluate(() => {
		for (const element of document.querySelectorAll("*")) {
			const names = [...element.attributes].map((a) => a.name).filter((n) => n.startsWith("on"));
			for (const name of names)
				element.dispatchEvent(new Event(name.slice(2)));
			if (element.tagName === "A" && /^(javascript|data|vbscript):/i.test(element.href))
				element.click();
		}
	});
	await page.waitForTimeout(5);
}

// A page of its own, closed at its first dialog: what fires at focus would open one after another.
async function opens_dialog(url) {
	const page = await one.context().newPage();
	const dialog = new Promise((done) => { page.once("dialog", () => done(true)); });
	const quiet = page.goto(url, { waitUntil: "domcontentloaded" })
		.then(() => provoke(page))
		.then(() => false);
	quiet.catch(() => {}); // the page was closed under it
	const opened = await Promise.race([dialog, quiet]);
	await page.close();
	return opened;
}

test("the same lines fire on a page that prints them raw", async () => {
	const server = createServer((request, answer) => {
		const line = shown[Number(request.url.slice(1))] ?? "";
		answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
		answer.end(`<!doctype html><title>x</title><p>${line}</p><input value="${line}">` +
			`<a href="${line}">x</a>`);
	});
	await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
	server.unref();
	const raw = `http://127.0.0.1:${server.address().port}`;
	let fired = 0;
	for (let i = 0; i < shown.length; i += 3)
		fired += await opens_dialog(`${raw}/${i}`) ? 1 : 0;
	server.close();
	server.closeAllConnections();
	assert.ok(fired >= 6, `${fired} of ${Math.ceil(shown.length / 3)} fired`);
});

async function sign_in(slug, token) {
	await one.goto("/session");
	await one.getByLabel("Account").fill(slug);
	await one.getByLabel("Token").fill(token);
	await one.getByRole("button", { name: "Sign in" }).click();
	await one.waitForURL((url) => url.pathname !== "/session");
}

// Into whatever pages show: names, briefings, texts of models, reasons of failures.
function plant() {
	const all = shown.join("\n").replaceAll("$body$", "");
	execFileSync("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-v", `all=${all}`, DATABASE_URL], { input: `
		BEGIN;
		UPDATE accounts SET name = left(:'all', 200) WHERE slug = '${ACCOUNT}';
		UPDATE assistants SET name = left(:'all', 200);
		ALTER TABLE prompt_versions DISABLE TRIGGER tr_guard;
		UPDATE prompt_versions SET prompt_content = :'all' || E'\\n\\n' || prompt_content,
			injection_content = :'all';
		ALTER TABLE prompt_versions ENABLE TRIGGER tr_guard;
		INSERT INTO version_notes (account_id, prompt_version_id, actor, note)
			SELECT account_id, id, left(:'all', 200), left(:'all', 4000) FROM prompt_versions;
		UPDATE prompt_versions SET status = 'final' WHERE status = 'draft';
		SELECT deployment_change(account_id, assistant_id, 'production', id, left(:'all', 500),
			NULL, false) FROM prompt_versions WHERE version_number = 1 AND status = 'final';
		UPDATE access_tokens SET name = left(:'all', 100) WHERE role <> 'operator';
		UPDATE pipeline_runs SET error_message = :'all', briefing_data =
			briefing_data || jsonb_build_object('company', :'all'::text, 'purpose', :'all'::text);
		COMMIT;` });
}

async function read_all(from, most) {
	const seen = new Set(), todo = [...from];
	while (todo.length > 0 && seen.size < most) {
		const path = todo.shift().replace(/#.*/, "");
		const kind = path.replace(/[0-9a-f-]{36}|pipeline_\w+/g, "*").replace(/=[^&]*/g, "=");
		if (seen.has(kind) || /\.csv|injection\.ts/.test(path))
			continue;
		seen.add(kind);
		await one.goto(path, { waitUntil: "domcontentloaded" });
		await provoke(one);
		todo.push(...await one.evaluate(() => [...document.querySelectorAll("a[href^='/']")]
			.map((a) => a.getAttribute("href"))));
		assert.deepEqual([dialogs, strange], [[], []], path);
	}
	return seen;
}

test("stored, they are text on every page", async () => {
	plant();
	await sign_in(ACCOUNT, ACCOUNT_TOKEN);
	const seen = await read_all(["/", "/pipeline-runs", "/prompt-versions", "/tokens"], 20);
	assert.ok(seen.size > 15, [...seen].join(" "));
	const run = await one.evaluate(async () => (await (await fetch("/pipeline-runs")).text())
		.match(/\/pipeline-runs\/pipeline_\w+/)[0]);
	await one.goto(run);
	assert.match(await one.content(), /&lt;script&gt;alert/, "the lines are there");
});

test("sent in forms and addresses, they come back as text", async () => {
	for (const line of shown.filter((_, i) => i % 5 === 0)) {
		const value = encodeURIComponent(line);
		for (const path of [`/prices?model=${value}`, `/x${value}`])
			await one.goto(path, { waitUntil: "domcontentloaded" });
	}
	for (const line of shown.slice(0, 4)) {
		await one.goto("/pipeline-runs/new");
		await Promise.all([one.waitForNavigation({ waitUntil: "domcontentloaded" }), one.evaluate((text) => {
			const form = document.querySelector("main form");
			for (const field of form.elements) {
				if ((field.type === "text" || field.tagName === "TEXTAREA") && field.name !== "csrf")
					field.value = text;
			}
			form.noValidate = true;
			form.querySelector("[name=targetScore]").value = "x";
			form.submit();
		}, line)]);
		await provoke(one);
	}
	assert.deepEqual([dialogs, strange], [[], []]);
});

test("an operator sees them as text, too", async () => {
	await one.context().clearCookies();
	await sign_in("operator", OPERATOR_TOKEN);
	await read_all(["/", "/accounts", "/tokens", "/runners"], 12);
});
