// A browser signs in, launches a run from the form, watches it to its end, and looks at every page
// in both themes and on a narrow screen. URL, ACCOUNT, ACCOUNT_TOKEN and OPERATOR_TOKEN say where.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { URL: base, ACCOUNT, ACCOUNT_TOKEN, OPERATOR_TOKEN } = process.env;
const axe_path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const program = process.env.CHROMIUM ??
	["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const run_limit_ms = 90_000;

let browser, context, page, run_path;
const broken = [];

before(async () => {
	browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
	context = await browser.newContext({ baseURL: base });
	page = await context.newPage();
	watch(page);
});

after(async () => {
	await browser?.close();
});

// Whatever a page complains about in the console, or the server answers with 500 and above.
function watch(one) {
	one.on("pageerror", (error) => broken.push(`${one.url()}: ${error.message}`));
	one.on("console", (line) => {
		if (line.type() === "error" && !/the server responded with a status of 4/.test(line.text()))
			broken.push(`${one.url()}: ${line.text()}`);
	});
	one.on("response", (answer) => {
		if (answer.status() >= 500)
			broken.push(`${answer.url()}: ${answer.status()}`);
	});
}

async function sign_in(one, slug, token) {
	await one.goto("/session");
	await one.getByLabel("Account").fill(slug);
	await one.getByLabel("Token").fill(token);
	await one.getByRole("button", { name: "Sign in" }).click();
	await one.waitForURL((url) => url.pathname !== "/session");
}

async function violations(one) {
	await one.evaluate(readFileSync(axe_path, "utf8"));
	const result = await one.evaluate(() => globalThis.axe.run(document));
	return result.violations.map((violation) =>
		`${violation.id}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

test("a stranger is led to the sign-in form", async () => {
	await page.goto("/costs");
	assert.equal(new URL(page.url()).pathname, "/session");
});

test("a wrong token is refused with a sentence, the slug stays typed", async () => {
	await page.goto("/session");
	await page.getByLabel("Account").fill(ACCOUNT);
	await page.getByLabel("Token").fill("not-the-token-at-all-0123456789");
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.waitForLoadState();
	assert.equal(await page.getByLabel("Account").inputValue(), ACCOUNT);
	assert.equal(await page.getByLabel("Token").inputValue(), "");
});

test("the right token signs in", async () => {
	await sign_in(page, ACCOUNT, ACCOUNT_TOKEN);
	assert.equal(await page.getByRole("link", { name: "Costs" }).first().isVisible(), true);
});

test("a briefing with mistakes comes back with all of them and nothing lost", async () => {
	await page.goto("/pipeline-runs/new");
	await page.evaluate(() => document.querySelector("form.form").setAttribute("novalidate", ""));
	await page.locator("#purpose").fill("Answers questions about bread & butter <b>daily</b>");
	await page.locator("#targetScore").fill("101");
	await page.getByRole("button", { name: /^Launch/ }).click();
	await page.waitForLoadState();
	assert.equal(await page.locator("#purpose").inputValue(),
		"Answers questions about bread & butter <b>daily</b>");
	const text = await page.locator("main").innerText();
	for (const label of ["Assistant id", "Company", "Target score"])
		assert.match(text, new RegExp(label));
	assert.ok(await page.locator("[aria-invalid=true]").count() >= 3);
});

test("a run launched from the form advances to its end before the eyes", async () => {
	await page.goto("/pipeline-runs/new");
	await page.locator("#assistantId").fill("browser");
	await page.locator("#company").fill("Bäckerei Öhm");
	await page.locator("#purpose").fill("Answer questions about orders and opening hours.");
	await page.locator("#facts").fill("Open 7 to 18\nClosed on Sundays");
	await page.locator("#iterationLimit").fill("2");
	await page.getByRole("button", { name: /^Launch/ }).click();
	await page.waitForURL(/\/pipeline-runs\/pipeline_[a-z0-9]+$/);
	run_path = new URL(page.url()).pathname;
	await page.locator(".state-running").first().waitFor({ timeout: run_limit_ms });
	await page.locator(".state-completed").first().waitFor({ timeout: run_limit_ms });
	await page.getByText("This run made").waitFor({ timeout: run_limit_ms });
	for (const phase of ["Generation", "Analysis", "Total"])
		assert.ok(await page.getByRole("rowheader", { name: phase }).first().isVisible(), phase);
});

test("what the page shows is what the API says", async () => {
	const answer = await fetch(`${base}/api${run_path}`,
		{ headers: { Authorization: `Bearer ${ACCOUNT_TOKEN}` } });
	assert.equal(answer.status, 200);
	const run = await answer.json();
	assert.equal(run.status, "completed");
	const [whole, part] = run.total_cost_usd.split(".");
	const nano = BigInt(whole) * 1_000_000_000n + BigInt(part);
	const sum = run.cost_entries.map((entry) => entry.cost_usd.split("."))
		.reduce((all, [w, p]) => all + BigInt(w) * 1_000_000_000n + BigInt(p), 0n);
	assert.equal(nano, sum);
	assert.ok(nano > 0n);
	assert.equal(await page.locator(`[title="${run.total_cost_usd}"]`).count() > 0, true);
});

test("the costs page has the run's assistant", async () => {
	await page.goto("/costs");
	assert.match(await page.locator("main").innerText(), /browser/);
});

test("the version shows the prompt and hands out the injection file", async () => {
	await page.goto(run_path);
	await page.getByRole("link", { name: /version v?\d+/i }).first().click();
	await page.waitForURL(/\/prompt-versions\//);
	const answer = await context.request.get(`${new URL(page.url()).pathname}/injection.ts`);
	assert.equal(answer.status(), 200);
	assert.match(await answer.text(), /export/);
});

test("a version is made final, deployed and withdrawn without a script", async () => {
	const still = await browser.newContext({ baseURL: base, javaScriptEnabled: false,
		storageState: await context.storageState() });
	const form = await still.newPage();
	await form.goto(new URL(page.url()).pathname);
	await form.getByRole("button", { name: "Make final" }).click();
	await form.locator("details", { hasText: "Deploy to staging" }).locator("summary").click();
	await form.locator("#reason-staging").fill("To try it");
	await form.locator("td").getByRole("button", { name: "Deploy to staging" }).click();
	assert.match(await form.locator("main").innerText(), /staging serves v\d+ now/);
	assert.match(await form.locator("main").innerText(), /To try it/);
	await form.locator("details", { hasText: "Withdraw from staging" }).locator("summary").click();
	await form.getByRole("button", { name: "Withdraw from staging" }).click();
	assert.match(await form.locator("main").innerText(), /staging serves nothing any more/);
	await still.close();
});

async function all_pages() {
	const answer = await (await fetch(`${base}/api/prompt-versions`,
		{ headers: { Authorization: `Bearer ${ACCOUNT_TOKEN}` } })).json();
	const { id, assistant_id } = answer.prompt_versions[0];
	return ["/", "/costs", `/costs/${ACCOUNT}`, "/pipeline-runs", "/pipeline-runs/new", run_path,
		"/prompt-versions", `/prompt-versions/${id}`, `/prompt-versions/${id}/notes`,
		"/assistants", `/assistants/${assistant_id}`, "/deliveries", "/cost-entries", "/prices",
		`/accounts/${ACCOUNT}`, `/accounts/${ACCOUNT}/delete`, "/accounts", "/tokens?state=all",
		"/sessions", "/audit", "/installation"];
}

for (const scheme of ["light", "dark"]) {
	for (const width of [1280, 320]) {
		test(`every page is accessible and fits: ${scheme}, ${width} pixels`, async () => {
			const narrow = await browser.newContext({ baseURL: base, colorScheme: scheme,
				viewport: { width, height: 800 } });
			const one = await narrow.newPage();
			watch(one);
			await one.goto("/session");
			const found = (await violations(one)).map((v) => `/session ${v}`);
			await sign_in(one, "operator", OPERATOR_TOKEN);
			for (const path of await all_pages()) {
				const answer = await one.goto(path);
				if (answer.status() !== 200)
					found.push(`${path}: status ${answer.status()}`);
				const extra = await one.evaluate(() =>
					document.documentElement.scrollWidth - document.documentElement.clientWidth);
				if (extra > 0)
					found.push(`${path}: scrolls sideways by ${extra} pixels`);
				found.push(...(await violations(one)).map((v) => `${path} ${v}`));
			}
			await narrow.close();
			assert.deepEqual(found, []);
		});
	}
}

test("signing out ends the session", async () => {
	await page.goto("/");
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.waitForLoadState();
	await page.goto("/costs");
	assert.equal(new URL(page.url()).pathname, "/session");
});

test("no page complained on the way", () => {
	assert.deepEqual(broken, []);
});
