-- Retention: prompts and outputs can be dropped by month; runs, scores, the ledger and its sums
-- stay as they are.

ALTER TABLE pipeline_runs ADD COLUMN pruned_at timestamptz;
ALTER TABLE prompt_versions ADD COLUMN pruned_at timestamptz;
CREATE INDEX pipeline_runs_unpruned ON pipeline_runs (account_id, created_at)
  WHERE pruned_at IS NULL AND status IN ('completed', 'failed', 'cancelled');
CREATE INDEX prompt_versions_unpruned ON prompt_versions (account_id, created_at)
  WHERE pruned_at IS NULL AND status IN ('draft', 'archived');

-- A version without its texts never comes into use again.
ALTER TABLE prompt_versions ADD CONSTRAINT prompt_versions_pruned
  CHECK (pruned_at IS NULL OR status IN ('draft', 'archived'));
