// The provider's official client library against a running promptbuilder-simulator.
// SIMULATOR names the program; default: the one in the top build directory.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import Anthropic from "@anthropic-ai/sdk";

const program = process.env.SIMULATOR ?? "../../promptbuilder-simulator";
const model = "claude-opus-4-5-20251101";
const briefing = {
	company: "Bäckerei Öhm", assistant: "Mia", purpose: "Answer questions about orders.",
	audience: "Customers", tone: "warm", language: "German", channels: ["website chat"],
	facts: ["Open 7 to 18 o'clock.", "Delivery within 20 km."], rules: ["Never name prices."],
	examples: ["Customer: open today? Answer: yes, until 18."],
};
const schema = {
	type: "object", additionalProperties: false, required: ["score", "summary", "findings"],
	properties: {
		score: { type: "integer" }, summary: { type: "string" },
		findings: { type: "array", items: {
			type: "object", additionalProperties: false,
			required: ["severity", "area", "finding", "suggestion"],
			properties: {
				severity: { type: "string", enum: ["low", "medium", "high"] },
				area: { type: "string" }, finding: { type: "string" },
				suggestion: { type: "string" },
			},
		} },
	},
};
let child, url, client;

before(async () => {
	child = spawn(program, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
	const [line] = await once(createInterface({ input: child.stdout }), "line");
	url = line.split(" ").pop();
	client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0 });
});
after(async () => {
	child.kill("SIGTERM");
	const [code] = await once(child, "exit");
	assert.equal(code, 0);
});

const ask = (content, more = {}) => ({ model, max_tokens: 4000,
	messages: [{ role: "user", content }], ...more });
const tagged = (tag, value) =>
	`<${tag}>\n${typeof value === "string" ? value : JSON.stringify(value)}\n</${tag}>\n`;
const fault = (spec) => ({ headers: { "x-simulator-fault": spec } });
const text = (message) => message.content.map((block) => block.text).join("");
const simulator = async (path, method = "GET", body) => (await fetch(`${url}/simulator/${path}`, {
	method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body),
})).json();
const rejects = (promise, status, type) => assert.rejects(promise, (err) => {
	assert.equal(err.status, status);
	assert.equal(err.error.error.type, type);
	assert.match(err.requestID, /^req_sim_/);
	return true;
});

test("create, stream and count agree", { timeout: 20000 }, async () => {
	const request = ask(tagged("briefing", briefing));
	const whole = await client.messages.create(request);
	const parts = await client.messages.stream(request).finalMessage();
	const count = await client.messages.countTokens({ model, messages: request.messages });
	assert.equal(text(whole), text(parts));
	assert.match(text(whole), /Bäckerei Öhm/);
	assert.match(whole.id, /^msg_sim_/);
	assert.equal(whole.stop_reason, "end_turn");
	assert.deepEqual(whole.usage, parts.usage);
	assert.equal(whole.usage.input_tokens, count.input_tokens);
	assert.equal(whole.usage.output_tokens, Math.ceil(Buffer.byteLength(text(whole)) / 4));
});

test("the score rises with each improvement", { timeout: 20000 }, async () => {
	const ground = tagged("briefing", briefing);
	let prompt = text(await client.messages.create(ask(ground)));
	const scores = [];
	for (let round = 0; round < 4; round++) {
		const analysis = JSON.parse(text(await client.messages.create(ask(
			ground + tagged("prompt", prompt),
			{ output_config: { format: { type: "json_schema", schema } } }))));
		scores.push(analysis.score);
		prompt = text(await client.messages.create(ask(
			ground + tagged("prompt", prompt) + tagged("findings", analysis.findings))));
	}
	for (let i = 1; i < scores.length; i++)
		assert.ok(scores[i] > scores[i - 1], scores.join(" "));
	assert.ok(scores[0] >= 55 && scores[0] <= 70 && scores[3] >= 95, scores.join(" "));
});

test("a long prefix is written once, then read", { timeout: 20000 }, async () => {
	await simulator("reset", "POST");
	const request = ask("Go on.", { system: [{ type: "text", text: "word ".repeat(4000),
		cache_control: { type: "ephemeral", ttl: "1h" } }] });
	const first = (await client.messages.create(request)).usage;
	const second = (await client.messages.stream(request).finalMessage()).usage;
	assert.equal(first.cache_creation_input_tokens, 5000);
	assert.equal(first.cache_creation.ephemeral_1h_input_tokens, 5000);
	assert.equal(second.cache_read_input_tokens, 5000);
	assert.equal(second.cache_creation_input_tokens, 0);
	assert.equal(first.input_tokens, second.input_tokens);
	const { completed_usage: sums } = await simulator("stats");
	assert.equal(sums.cache_creation_1h_input_tokens, 5000);
	assert.equal(sums.cache_read_input_tokens, 5000);
	assert.equal(sums.output_tokens, first.output_tokens + second.output_tokens);
});

test("models are listed", { timeout: 20000 }, async () => {
	const ids = [];
	for await (const one of client.models.list({ limit: 3 }))
		ids.push(one.id);
	assert.ok(ids.includes(model));
	assert.equal(new Set(ids).size, ids.length);
	assert.equal((await client.models.retrieve("claude-opus-4-5")).id, model);
	await rejects(client.models.retrieve("nobody"), 404, "not_found_error");
});

test("bad requests are refused like the provider refuses them", { timeout: 20000 }, async () => {
	const wrong = new Anthropic({ apiKey: "wrong", baseURL: url, maxRetries: 0 });
	await rejects(wrong.messages.create(ask("Hi")), 401, "authentication_error");
	await rejects(client.messages.create(ask("Hi", { model: "nobody" })), 404, "not_found_error");
	await rejects(client.messages.create(ask("Hi", { max_tokens: -1 })), 400,
		"invalid_request_error");
	await rejects(client.messages.create(ask("Hi", { flavour: 1 })), 400, "invalid_request_error");
	await rejects(client.messages.create(ask("Hi", { output_config: { format: {
		type: "json_schema", schema: { type: "object", properties: {} } } } })), 400,
	"invalid_request_error");
	await rejects(client.messages.create(ask("x".repeat(33 << 20))), 413, "request_too_large");
});

test("failures before the answer", { timeout: 20000 }, async () => {
	for (const [spec, status, type] of [["429,retry-after=7", 429, "rate_limit_error"],
		["529", 529, "overloaded_error"], ["500", 500, "api_error"], ["504", 504, "timeout_error"]])
		await rejects(client.messages.create(ask("Hi"), fault(spec)), status, type);
	const cap = await client.messages.create(ask("Hi"), fault("429-spend-cap")).catch((e) => e);
	assert.equal(cap.error.error.details.error_code, "enforced_spend_limit_reached");
	assert.equal(cap.headers.get("retry-after"), null);
	const html = await client.messages.create(ask("Hi"), fault("html")).catch((e) => e);
	assert.equal(html.status, 502);
});

test("the library retries as told", { timeout: 20000 }, async () => {
	await simulator("reset", "POST");
	await simulator("faults", "POST", { faults: ["429x1,retry-after=0", "529x1,retry-after=0"] });
	const patient = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 2 });
	assert.equal((await patient.messages.create(ask("Hi"))).stop_reason, "end_turn");
	const { outcomes } = await simulator("stats");
	assert.deepEqual(outcomes, { 429: 1, 529: 1, completed: 1 });
	await simulator("reset", "POST");
});

test("failures inside the answer", { timeout: 20000 }, async () => {
	const stream = (spec) => client.messages.stream(ask(tagged("briefing", briefing)), fault(spec))
		.finalMessage();
	for (const spec of ["cut", "error-event"])
		await assert.rejects(stream(spec));
	assert.equal((await stream("truncated")).stop_reason, "max_tokens");
	const refusal = await stream("refusal");
	assert.equal(refusal.stop_reason, "refusal");
	assert.equal(refusal.stop_details.type, "refusal");
	assert.ok((await stream("usage-lies")).usage.output_tokens < 0);
	assert.match(text(await stream("drip")), /Bäckerei Öhm/);
	const sums = await simulator("stats");
	assert.equal(sums.outcomes.cut, 1);
	assert.equal(sums.outcomes["error-event"], 1);
	assert.equal(sums.in_flight, 0);
});

test("silence ends when the client leaves", { timeout: 20000 }, async () => {
	await simulator("reset", "POST");
	for (const spec of ["stall", "ping-only"]) {
		const stream = client.messages.stream(ask("Hi"), fault(spec));
		stream.on("streamEvent", (event) => {
			if (event.type === "message_start") setTimeout(() => stream.abort(), 50);
		});
		await assert.rejects(stream.finalMessage());
	}
	let seen;
	for (let tries = 0; tries < 100; tries++) {
		seen = await simulator("stats");
		if (seen.in_flight === 0) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	assert.deepEqual(seen.outcomes, { stall: 1, "ping-only": 1 });
	assert.equal(seen.completed_usage.answers, 0);
	assert.equal(seen.started_usage.answers, 2);
});
