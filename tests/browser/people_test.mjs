// A member makes a token in a browser, on a narrow dark screen; somebody signs in with it elsewhere;
// the member sees both, and revokes it. URL, ACCOUNT and ACCOUNT_TOKEN say where.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { URL: base, ACCOUNT, ACCOUNT_TOKEN } = process.env;
const axe_path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const program = process.env.CHROMIUM ??
	["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
let browser, member, guest, secret;

before(async () => {
	browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
	member = await (await browser.newContext({ baseURL: base, colorScheme: "dark",
		viewport: { width: 320, height: 800 } })).newPage();
	guest = await (await browser.newContext({ baseURL: base })).newPage();
});

after(async () => {
	await browser?.close();
});

async function sign_in(one, token) {
	await one.goto("/session");
	await one.getByLabel("Account").fill(ACCOUNT);
	await one.getByLabel("Token").fill(token);
	await one.getByRole("button", { name: "Sign in" }).click();
	await one.waitForURL((url) => url.pathname !== "/session");
}

async function check(one) {
	await one.evaluate(readFileSync(axe_path, "utf8"));
	const result = await one.evaluate(() => globalThis.axe.run(document));
	assert.deepEqual(result.violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
	assert.equal(await one.evaluate(() => document.documentElement.scrollWidth -
		document.documentElement.clientWidth), 0, "it scrolls sideways");
}

test("a member makes a token, which is shown once", async () => {
	await sign_in(member, ACCOUNT_TOKEN);
	await member.goto("/tokens");
	await check(member);
	await member.getByLabel("Name").fill("Guest of the browser");
	await member.getByLabel("Role").selectOption("viewer");
	await member.getByRole("button", { name: "Make the token" }).click();
	await member.getByRole("heading", { name: "The new token" }).waitFor();
	secret = await member.locator("#secret").textContent();
	assert.match(secret, /^pbv_/);
	await check(member);
	await member.getByRole("link", { name: "All tokens" }).click();
	assert.ok(!(await member.content()).includes(secret));
});

test("a wrong form is shown again with what was typed", async () => {
	await member.goto("/tokens");
	await member.getByLabel("Days").fill("many");
	await member.getByRole("button", { name: "Make the token" }).click();
	await member.getByRole("alert").waitFor();
	assert.equal(await member.getByLabel("Days").inputValue(), "many");
	await check(member);
});

test("somebody signs in with it and sees their sessions", async () => {
	await sign_in(guest, secret);
	await guest.getByRole("link", { name: "Guest of the browser" }).click();
	await guest.getByRole("heading", { name: "Sessions" }).waitFor();
	assert.match(await guest.locator("main").textContent(), /this one/);
	await check(guest);
});

test("the member revokes it, and the guest is out", async () => {
	await member.goto("/tokens");
	await member.getByRole("link", { name: "Revoke… the token Guest of the browser" }).click();
	await check(member);
	assert.match(await member.locator("main").textContent(), /its session ends at once/);
	await member.getByRole("button", { name: "Revoke the token Guest of the browser" }).click();
	await member.getByRole("status").waitFor();
	await guest.goto("/costs");
	assert.equal(new URL(guest.url()).pathname, "/session");
});

test("the member's own sessions are listed", async () => {
	await member.goto("/sessions");
	await check(member);
});
