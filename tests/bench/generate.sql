-- generate.sql: a deterministic ledger of about :lines lines over the 24 months before :until: 13
-- accounts from huge to tiny, five assistants each, three models and now and then one without a
-- price; five calls a run under a cache; estimates, batch calls, corrections, calls made elsewhere.
--
--	lines     how many; five to a run
--	until     end of the ledger; preset: the last full hour
--	detailed  how many of the newest runs have steps, calls, a job and a version, which take
--	          four times the space of their lines; preset: 20000
--
-- Everything follows from the numbers of runs and days by hashing, so equal variables make equal
-- rows. Triggers and foreign keys are off; sums are made afterwards by the schema's own functions.
\set ON_ERROR_STOP on
\if :{?until}
\else
SELECT date_trunc('hour', now()) AS until \gset
\endif
\if :{?detailed}
\else
\set detailed 20000
\endif
SELECT count(*) > 0 AS has_lines FROM (SELECT 1 FROM cost_entries LIMIT 1) AS e \gset
\if :has_lines
\warn generate.sql: the ledger has lines already: give another database
DO $$ BEGIN RAISE 'nothing was done'; END $$;
\endif
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SET jit = off;
BEGIN;
SET LOCAL session_replication_role = replica;

-- Like uuid_v7(), but of an instant and a hash.
CREATE FUNCTION pg_temp.id_at(at timestamptz, kind text, hash text) RETURNS uuid
LANGUAGE sql STABLE RETURN
  (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3)
   || kind || substr(hash, 4, 15))::uuid;

CREATE TEMPORARY TABLE bench_accounts AS
SELECT n, pg_temp.id_at(:'until'::timestamptz - interval '25 months' + n * interval '1 minute',
                        '8', md5('account ' || n)) AS id,
       'bench-' || n AS slug, 'Bench account ' || n AS name
FROM generate_series(0, 12) AS n;
INSERT INTO accounts (id, slug, name, created_at, updated_at)
SELECT id, slug, name, :'until'::timestamptz - interval '25 months',
       :'until'::timestamptz - interval '25 months'
FROM bench_accounts;
INSERT INTO account_marks (account_id, stripe, changes) SELECT id, 0, 1 FROM bench_accounts;

CREATE TEMPORARY TABLE bench_assistants AS
SELECT a.n, s.n AS place, a.id AS account_id,
       pg_temp.id_at(:'until'::timestamptz - interval '25 months' + s.n * interval '1 hour'
                     + a.n * interval '1 minute', '8', md5('assistant ' || a.n || s.n)) AS id
FROM bench_accounts a, generate_series(0, 4) AS s (n);
INSERT INTO assistants (id, account_id, external_id, name, created_at, updated_at)
SELECT id, account_id, 'bot-' || place, 'Bot ' || place, :'until'::timestamptz - interval '25 months',
       :'until'::timestamptz - interval '25 months'
FROM bench_assistants;

-- The price row of each model from one change to the next, as price_at finds it.
CREATE TEMPORARY TABLE bench_prices AS
SELECT c.model, c.from_at, lead(c.from_at, 1, 'infinity') OVER (PARTITION BY c.model
         ORDER BY c.from_at) AS to_at, p.id, p.input_pico, p.output_pico, p.cache_read_pico,
       p.cache_write_5m_pico, p.cache_write_1h_pico
FROM (SELECT model, '-infinity'::timestamptz AS from_at FROM model_prices
      UNION SELECT model, valid_from FROM model_prices WHERE account_id IS NULL) AS c,
  LATERAL price_at(NULL, c.model, c.from_at) AS p
WHERE c.model IN ('claude-opus-4-5-20251101', 'claude-sonnet-5', 'claude-haiku-4-5');

-- Runs of a day: more of them every month, few at weekends.
CREATE TEMPORARY TABLE bench_days AS
SELECT day, floor(:lines / 5.0 * sum(weight) OVER past / sum(weight) OVER ())::integer AS last_run,
       floor(:lines / 5.0 * coalesce(sum(weight) OVER (past ROWS BETWEEN UNBOUNDED PRECEDING
         AND 1 PRECEDING), 0) / sum(weight) OVER ())::integer AS runs_before,
       least(interval '1 day', :'until'::timestamptz - interval '10 minutes' - day) AS length
FROM (SELECT day, (300 + row_number() OVER (ORDER BY day))
             * CASE WHEN extract(isodow FROM day) >= 6 THEN 0.3 ELSE 1 END
             * extract(epoch FROM least(interval '1 day', :'until'::timestamptz - day)) AS weight
      FROM generate_series(date_trunc('day', :'until'::timestamptz - interval '24 months'),
                           :'until'::timestamptz - interval '11 minutes', interval '1 day') AS day
     ) AS d
WINDOW past AS (ORDER BY day);

-- One row a run: who, when, with which model. Bits of two hashes are the dice.
CREATE TEMPORARY TABLE bench_runs AS
SELECT r.n, r.at, (extract(epoch FROM r.at) * 1000)::bigint AS at_ms, r.dice, r.account,
       a.ids[r.account + 1] AS account_id,
       s.ids[5 * r.account + r.assistant + 1] AS assistant_id,
       CASE WHEN r.is_made_here
         THEN pg_temp.id_at(r.at, 'b', md5('run ' || r.n)) END AS run_id,
       r.is_made_here AND r.n > (SELECT max(last_run) FROM bench_days) - :detailed AS is_detailed,
       -- An assistant has its model, and now and then another.
       CASE WHEN r.dice >> 50 & 511 = 0 THEN 'claude-next-preview'
         ELSE (ARRAY['claude-opus-4-5-20251101', 'claude-sonnet-5', 'claude-haiku-4-5'])[
           1 + (r.account + r.assistant + (r.dice >> 20 & 15 = 0)::integer) % 3] END AS model,
       CASE WHEN r.dice >> 24 & 63 = 0 THEN 500 ELSE 1000 END AS rate_permille,
       CASE r.dice >> 30 & 31 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END
         AS status
FROM (SELECT (runs_before + i)::bigint AS n,
             date_trunc('milliseconds', d.day + d.length * ((i - 0.5)
               / (d.last_run - d.runs_before))) AS at, hash AS dice,
             width_bucket(hash & 1023, ARRAY[410, 614, 737, 819, 880, 921, 952, 972, 992, 1007, 1017,
                                             1023]) AS account,
             width_bucket(hash >> 10 & 1023, ARRAY[512, 768, 896, 960]) AS assistant,
             hash >> 40 & 63 <> 0 AS is_made_here
      FROM bench_days d, generate_series(1, d.last_run - d.runs_before) AS i,
        LATERAL (SELECT hashint8extended(d.runs_before + i, 1)) AS h (hash)) AS r,
  (SELECT array_agg(id ORDER BY n) AS ids FROM bench_accounts) AS a,
  (SELECT array_agg(id ORDER BY n, place) AS ids FROM bench_assistants) AS s;
ANALYZE bench_runs;

-- Indexes are made after the load, those of constraints apart.
CREATE TEMPORARY TABLE bench_indexes AS
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i
WHERE i.indrelid IN ('cost_entries'::regclass, 'pipeline_runs'::regclass, 'attempts'::regclass,
                     'pipeline_steps'::regclass)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM bench_indexes \gexec

-- The calls. Rounded half to even, once a line, in whole nano-USD.
INSERT INTO cost_entries (id, pipeline_run_id, pipeline_step_id, attempt_id, account_id,
                          assistant_id, operation, model, input_tokens, output_tokens,
                          cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, cost_usd,
                          timestamp, created_at, idempotency_key, price_status, price_id,
                          rate_permille, estimated, usage)
SELECT (c.id_start || '8' || c.id_end)::uuid, c.run_id,
       CASE WHEN c.is_detailed THEN (c.id_start || '9' || c.id_end)::uuid END,
       CASE WHEN c.is_detailed THEN (c.id_start || 'a' || c.id_end)::uuid END,
       c.account_id, c.assistant_id, c.operation, c.model, c.input, c.output, c.cache_read,
       c.cache_write, c.cache_write_1h,
       (c.millinano / 1000000 + (c.millinano % 1000000 > 500000
         OR c.millinano % 1000000 = 500000 AND c.millinano / 1000000 % 2 = 1)::integer)
         * 0.000000001,
       c.at, c.at, CASE WHEN c.run_id IS NULL THEN 'elsewhere-' || c.n || '-' || c.ordinal END,
       CASE WHEN c.price_id IS NULL THEN 'unpriced' ELSE 'priced' END, c.price_id,
       c.rate_permille, c.dice >> (40 + c.ordinal) & 255 = 7,
       CASE WHEN c.run_id IS NULL THEN jsonb_build_object('input_tokens', c.input,
         'cache_creation_input_tokens', c.cache_write, 'cache_read_input_tokens', c.cache_read,
         'output_tokens', c.output) END
FROM (
  SELECT t.*, lpad(to_hex(t.at_ms), 12, '0') || '7' || left(t.hash, 3) AS id_start,
    substr(t.hash, 4, 15) AS id_end, p.id AS price_id, t.rate_permille * coalesce(t.input * p.input_pico
      + t.output * p.output_pico + t.cache_read * p.cache_read_pico
      + (t.cache_write - t.cache_write_1h) * p.cache_write_5m_pico
      + t.cache_write_1h * p.cache_write_1h_pico, 0) AS millinano
  FROM (
    SELECT r.n, r.account_id, r.assistant_id, r.run_id, r.model, r.rate_permille, r.is_detailed,
           r.dice, o.ordinal, r.at + o.wait AS at, r.at_ms + o.ordinal * 36000 AS at_ms,
           md5(r.n * 8 + o.ordinal || '') AS hash,
           CASE WHEN r.run_id IS NULL THEN 'chat' ELSE o.operation END AS operation,
           200 + (r.dice >> (3 + o.ordinal) & 2047) AS input,
           o.output + (r.dice >> (9 + 2 * o.ordinal) & 1023) AS output,
           CASE WHEN o.ordinal = 1 THEN 0 ELSE 1500 + (r.dice >> 15 & 4095) END AS cache_read,
           CASE WHEN o.ordinal = 1 THEN 1500 + (r.dice >> 15 & 4095)
                WHEN o.ordinal % 2 = 1 THEN r.dice >> 33 & 511 ELSE 0 END AS cache_write,
           CASE WHEN o.ordinal = 1 AND r.dice >> 12 & 7 = 0
             THEN 1500 + (r.dice >> 15 & 4095) ELSE 0 END AS cache_write_1h
    FROM bench_runs r,
      (VALUES (1, interval '36 s', 'prompt_generation', 1800),
              (2, interval '72 s', 'prompt_analysis', 300),
              (3, interval '108 s', 'prompt_improvement', 2000),
              (4, interval '144 s', 'prompt_analysis', 300),
              (5, interval '180 s', 'prompt_improvement', 2000))
        AS o (ordinal, wait, operation, output)
    OFFSET 0
  ) AS t
  LEFT JOIN bench_prices p ON p.model = t.model AND t.at >= p.from_at AND t.at < p.to_at
  OFFSET 0
) AS c;

-- Corrections: of one call in 4,096 a tenth is given back; half the calls without a price get one.
INSERT INTO cost_entries (id, pipeline_run_id, account_id, assistant_id, operation, model,
                          input_tokens, output_tokens, cost_usd, timestamp, created_at, price_id,
                          kind, corrects_id, reason, actor, settles_price)
SELECT pg_temp.id_at(e.at, 'c', md5(e.id::text)), e.pipeline_run_id, e.account_id, e.assistant_id,
       e.operation, e.model, 0, 0,
       CASE WHEN p.id IS NULL THEN -trunc(e.cost_usd / 10, 9)
         ELSE round((e.input_tokens::numeric * p.input_pico + e.output_tokens * p.output_pico
           + e.cache_read_tokens * p.cache_read_pico
           + e.cache_write_tokens * p.cache_write_5m_pico) / 1000000000000, 9) END,
       e.at, e.at, p.id, 'adjustment', e.id,
       CASE WHEN p.id IS NULL THEN 'A tenth was credited.' ELSE 'The price became known.' END,
       'operator', p.id IS NOT NULL
FROM (SELECT c.*, c.timestamp + interval '3 days' AS at FROM cost_entries c
      WHERE c.timestamp < :'until'::timestamptz - interval '3 days'
        AND right(c.id::text, 3) = '000' OR c.price_status = 'unpriced'
        AND c.timestamp < :'until'::timestamptz - interval '3 days'
        AND right(c.id::text, 1) < '8') AS e
LEFT JOIN bench_prices p ON e.price_status = 'unpriced' AND p.model = 'claude-sonnet-5'
  AND e.timestamp >= p.from_at AND e.timestamp < p.to_at;
ANALYZE cost_entries;

-- The runs, with the totals of their lines.
INSERT INTO pipeline_runs (id, account_id, assistant_id, pipeline_id, briefing_id, status,
                           error_message, briefing_data, started_at, completed_at, duration_ms,
                           total_input_tokens, total_output_tokens, total_cost_usd, created_at,
                           total_cache_read_tokens, total_cache_write_tokens, model,
                           pipeline_version, first_cost_entry_id)
SELECT r.run_id, r.account_id, r.assistant_id, 'pipeline_bench' || lpad(r.n::text, 8, '0'),
       'briefing_bench' || r.n, r.status,
       CASE r.status WHEN 'failed' THEN 'The provider could not be reached.' END,
       CASE WHEN r.is_detailed THEN jsonb_build_object('assistantId', 'bot', 'company',
              'Bench ' || r.account, 'purpose', repeat('Answer questions about invoices. ', 20))
            ELSE '{"company": "Bench"}' END,
       r.at, r.at + interval '216 seconds', 216000, t.input_tokens, t.output_tokens, t.cost_usd, r.at,
       t.cache_read_tokens, t.cache_write_tokens, r.model, '1', t.first_id
FROM bench_runs r
JOIN (SELECT pipeline_run_id, sum(input_tokens) AS input_tokens,
             sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd,
             sum(cache_read_tokens) AS cache_read_tokens,
             sum(cache_write_tokens) AS cache_write_tokens, min(id::text)::uuid AS first_id
      FROM cost_entries WHERE pipeline_run_id IS NOT NULL
      GROUP BY pipeline_run_id) AS t ON t.pipeline_run_id = r.run_id
ORDER BY r.n;

-- What the newest runs have besides.
CREATE TEMPORARY TABLE bench_calls AS
SELECT e.account_id, e.pipeline_run_id, e.pipeline_step_id, e.attempt_id, e.assistant_id,
       e.operation, e.model, e.price_id, e.timestamp AS at, e.estimated, e.input_tokens,
       e.output_tokens, e.cache_read_tokens, e.cache_write_tokens, e.cache_write_1h_tokens,
       1 + extract(epoch FROM e.timestamp - r.at)::integer / 36 - 1 AS ordinal, r.dice, r.n,
       r.status
FROM cost_entries e JOIN bench_runs r ON r.run_id = e.pipeline_run_id
WHERE r.is_detailed AND e.attempt_id IS NOT NULL;
ANALYZE bench_calls;

INSERT INTO pipeline_steps (id, pipeline_run_id, step_name, step_order, status, started_at,
                            completed_at, duration_ms, metadata, created_at, account_id, step_key,
                            progress, request_hash, output)
SELECT pipeline_step_id, pipeline_run_id, operation, ordinal, 'completed',
       at - interval '36 seconds', at, 36000,
       CASE operation WHEN 'prompt_analysis'
         THEN jsonb_build_object('score', 60 + 4 * ordinal + (dice >> 5 & 15)) ELSE '{}' END,
       at - interval '36 seconds', account_id,
       (ARRAY['generation', 'analysis[1]', 'improvement[1]', 'analysis[2]', 'improvement[2]'])[ordinal],
       100, md5(attempt_id::text) || md5(pipeline_run_id::text),
       repeat('Answer questions about invoices; never guess. ', 80) || attempt_id
FROM bench_calls ORDER BY at;

INSERT INTO attempts (account_id, id, pipeline_run_id, pipeline_step_id, number, epoch, runner_id,
                      model, price_id, state, request_hash, succeeded, estimated, http_status,
                      stop_reason, provider_message_id, provider_request_id, opened_at,
                      first_byte_ms, duration_ms, ended_at, usage)
SELECT account_id, attempt_id, pipeline_run_id, pipeline_step_id, 1, 1,
       '00000000-0000-7000-8000-000000000001', model, price_id, 'settled',
       md5(attempt_id::text) || md5(pipeline_run_id::text), true, estimated, 200, 'end_turn',
       'msg_' || left(md5(attempt_id::text), 24), 'req_' || left(md5('r' || attempt_id), 24),
       at - interval '36 seconds', 700, 36000, at,
       jsonb_build_object('input_tokens', input_tokens,
         'cache_creation_input_tokens', cache_write_tokens,
         'cache_read_input_tokens', cache_read_tokens,
         'cache_creation', jsonb_build_object(
           'ephemeral_5m_input_tokens', cache_write_tokens - cache_write_1h_tokens,
           'ephemeral_1h_input_tokens', cache_write_1h_tokens),
         'output_tokens', output_tokens,
         'output_tokens_details', jsonb_build_object('thinking_tokens', 0),
         'server_tool_use', NULL, 'service_tier', 'standard', 'inference_geo', 'global')
FROM bench_calls ORDER BY at;

INSERT INTO jobs (account_id, pipeline_run_id, state, run_after, epoch, created_at)
SELECT account_id, run_id, 'done', at, 1, at FROM bench_runs WHERE is_detailed;

INSERT INTO prompt_versions (id, pipeline_run_id, account_id, assistant_id, version, version_number,
                             prompt_content, prompt_hash, injection_content, injection_file_path,
                             briefing_hash, total_iterations, final_score, status, created_at)
SELECT pg_temp.id_at(v.at, 'd', md5('version ' || v.n)), v.pipeline_run_id, v.account_id,
       v.assistant_id, 'v' || v.number, v.number, v.text, encode(sha256(v.text::bytea), 'hex'),
       'export const prompt = "' || v.text || '";', 'injection.ts',
       encode(sha256(v.n::text::bytea), 'hex'), 2, 80 + (v.dice >> 5 & 15),
       CASE WHEN v.number % 20 = 0 THEN 'archived' ELSE 'draft' END, v.at
FROM (SELECT c.*, repeat('Answer questions about invoices; never guess. ', 80) || attempt_id AS text,
             row_number() OVER (PARTITION BY account_id, assistant_id ORDER BY at, n) AS number
      FROM bench_calls c WHERE ordinal = 5 AND status = 'completed') AS v
ORDER BY v.at;
UPDATE pipeline_runs r SET prompt_version_id = v.id FROM prompt_versions v
WHERE v.account_id = r.account_id AND v.pipeline_run_id = r.id;

SELECT definition FROM bench_indexes \gexec
ANALYZE cost_entries, pipeline_runs;

-- The sums of days by assistant and model, as the schema makes them of lines; the coarser grains of
-- these, which takes a third of the time.
INSERT INTO cost_sums
SELECT s.* FROM reporting_zones z,
  LATERAL cost_sums_of(z.zone, z.account_id, '-infinity', 'infinity') AS s
WHERE s.grain = 'assistant_day';
SELECT format('INSERT INTO cost_sums SELECT zone, %L, account_id, %s AS first_day, %s, model, 0, %s,'
                ' max(last_at) FROM cost_sums WHERE grain = ''assistant_day'''
                ' GROUP BY zone, account_id, first_day, 5, 6',
              g.grain, g.day, g.assistant_id, c.sums)
FROM (VALUES ('account_day', 'day', '''00000000-0000-0000-0000-000000000000''::uuid'),
             ('assistant_month', 'date_trunc(''month'', day)::date', 'assistant_id'))
       AS g (grain, day, assistant_id),
  (SELECT string_agg(format('sum(%I)', attname), ', ' ORDER BY attnum) AS sums FROM pg_attribute
   WHERE attrelid = 'cost_sums'::regclass AND atttypid = 'bigint'::regtype AND attnum > 0) AS c
\gexec
COMMIT;
VACUUM ANALYZE;
