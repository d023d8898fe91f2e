-- Rows of two accounts, equal but for their ids.
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data,
  model, created_at)
SELECT s.account_id, s.id, 'pipeline_' || a.slug || n, 'briefing_x', x.status, '{"company": "X"}',
  'claude-sonnet-5', now()
FROM assistants s JOIN accounts a ON a.id = s.account_id,
  (VALUES (1, 'failed'), (2, 'completed')) AS x (n, status);
INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model, input_tokens,
  output_tokens, cost_usd, usage)
SELECT account_id, assistant_id, id, 'prompt_generation', 'claude-sonnet-5', 1, 1, 0.5,
  '{"input_tokens": 1, "output_tokens": 1}' FROM pipeline_runs;
INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version, version_number,
  status, prompt_content, prompt_hash, injection_content, briefing_hash, final_score)
SELECT account_id, assistant_id, id, 'v' || n, n, 'draft', 'Prompt.' || n, 'hash' || n, 'x', 'hash',
  CASE n WHEN 1 THEN 91.5 END
FROM pipeline_runs, (VALUES (2), (1)) AS version (n) WHERE status = 'completed'
ORDER BY n DESC;
UPDATE prompt_versions v SET parent_id = o.id FROM prompt_versions o
WHERE o.account_id = v.account_id AND o.version = 'v2' AND v.version = 'v1';
UPDATE pipeline_runs r SET prompt_version_id = v.id FROM prompt_versions v
WHERE v.pipeline_run_id = r.id AND v.version = 'v1';
INSERT INTO version_notes (account_id, prompt_version_id, actor, note)
SELECT account_id, id, 'Op', 'Noted.' FROM prompt_versions WHERE version = 'v1';
UPDATE prompt_versions SET status = 'final' WHERE version = 'v1';
SELECT deployment_change(account_id, assistant_id, 'production', id, 'First.', NULL, false)
FROM prompt_versions WHERE version = 'v1';
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50,80}', 'Op' FROM accounts;
