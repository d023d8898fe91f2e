-- Deterministic rows for the benchmarks: one account, 20 assistants, :runs runs of five calls
-- each over the last 90 days, priced at 3 and 15 USD per million tokens.
\set ON_ERROR_STOP on
BEGIN;
INSERT INTO accounts (slug, name) VALUES ('bench', 'Bench') ON CONFLICT (slug) DO NOTHING;
INSERT INTO assistants (account_id, external_id, name)
SELECT a.id, 'bot-' || n, 'Bot ' || n
FROM accounts a, generate_series(1, 20) AS n WHERE a.slug = 'bench'
ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE made AS
SELECT uuid_v7() AS id, a.id AS account_id, s.id AS assistant_id, n,
       date_trunc('day', now()) - (n % 90) * interval '1 day' + (n % 1440) * interval '1 minute'
         AS started_at
FROM generate_series(1, :runs) AS n
JOIN accounts a ON a.slug = 'bench'
JOIN assistants s ON s.account_id = a.id AND s.external_id = 'bot-' || (1 + n % 20);

INSERT INTO pipeline_runs (id, account_id, assistant_id, pipeline_id, briefing_id, status,
                           briefing_data, model, started_at, completed_at, duration_ms, created_at)
SELECT id, account_id, assistant_id, 'pipeline_bench' || lpad(n::text, 8, '0'),
       'briefing_bench' || n, 'completed', '{"company": "Bench"}', 'claude-sonnet-5',
       started_at, started_at + interval '3 minutes', 180000, started_at
FROM made;

CREATE TEMPORARY TABLE calls AS
SELECT m.id AS run_id, m.account_id, m.assistant_id, m.n, m.started_at, c.ordinal, c.step_key,
       c.step_name, uuid_v7() AS step_id
FROM made m
CROSS JOIN (VALUES (1, 'generation', 'prompt_generation'), (2, 'analysis[1]', 'prompt_analysis'),
                   (3, 'improvement[1]', 'prompt_improvement'),
                   (4, 'analysis[2]', 'prompt_analysis'),
                   (5, 'improvement[2]', 'prompt_improvement')) AS c (ordinal, step_key, step_name);

INSERT INTO pipeline_steps (id, account_id, pipeline_run_id, step_key, step_name, step_order, status,
                            started_at, completed_at, duration_ms, progress)
SELECT step_id, account_id, run_id, step_key, step_name, ordinal, 'completed',
       started_at + (ordinal - 1) * interval '36 seconds', started_at + ordinal * interval '36 seconds',
       36000, 100
FROM calls;

INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, operation,
                          model, input_tokens, output_tokens, cache_read_tokens, cost_usd, timestamp)
SELECT account_id, run_id, step_id, assistant_id, step_name, 'claude-sonnet-5',
       500 + (n * 37 + ordinal * 101) % 4000, 300 + (n * 53 + ordinal * 211) % 3000,
       (n * 11) % 5000,
       ((500 + (n * 37 + ordinal * 101) % 4000) * 3 + (300 + (n * 53 + ordinal * 211) % 3000) * 15
        + (n * 11) % 5000 * 0.3) / 1000000.0,
       started_at + ordinal * interval '36 seconds'
FROM calls;
COMMIT;
VACUUM ANALYZE;
