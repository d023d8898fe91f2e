-- Runs that score a version: one at a time for each.
CREATE INDEX pipeline_runs_scores ON pipeline_runs (account_id, prompt_version_id, created_at)
  WHERE kind = 'score';
CREATE UNIQUE INDEX pipeline_runs_scoring ON pipeline_runs (account_id, prompt_version_id)
  WHERE kind = 'score' AND status IN ('queued', 'running');
