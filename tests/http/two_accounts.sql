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
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50,80}', 'Op' FROM accounts;
INSERT INTO prompt_versions (account_id, assistant_id, version, version_number, status,
  prompt_content, prompt_hash, injection_content, origin, created_by)
SELECT account_id, id, 'v2', 2, 'final', 'Prompt.', 'hash', 'x', 'import', 'Op' FROM assistants;
SELECT deployment_change(account_id, assistant_id, 'production', id, NULL, NULL, false)
FROM prompt_versions WHERE version = 'v2';
