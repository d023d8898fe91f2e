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
SELECT account_id, assistant_id, id, 'v1', 1, 'draft', 'Prompt.', 'hash', 'x', 'hash', 91.5
FROM pipeline_runs WHERE status = 'completed';
UPDATE pipeline_runs r SET prompt_version_id = v.id FROM prompt_versions v
WHERE v.pipeline_run_id = r.id;
INSERT INTO version_notes (account_id, prompt_version_id, actor, note)
SELECT account_id, id, 'Op', 'Noted.' FROM prompt_versions;
UPDATE prompt_versions SET status = 'final';
SELECT deployment_change(account_id, assistant_id, 'production', id, 'First.', NULL, false)
FROM prompt_versions;
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50,80}', 'Op' FROM accounts;
