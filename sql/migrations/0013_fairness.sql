-- Whose turn it is: accounts share the runners by weight, and one with a long queue does not hold
-- up the others.

-- An account with twice the weight has twice as many runs in flight while others wait, too.
-- max_running: NULL is the runners' setting.
ALTER TABLE accounts
  ADD COLUMN weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),
  ADD COLUMN max_running integer CHECK (max_running BETWEEN 0 AND 100000);
GRANT SELECT (weight, max_running) ON accounts TO promptbuilder_web, promptbuilder_runner;

-- What an account has been given, in turns of its weight: 1 / weight for each claim. It decides
-- among accounts that have as much in flight, as all have where there are more accounts than
-- places. A table of its own, since claims may neither wait for a change of the account nor make
-- one.
CREATE TABLE account_turns (
  account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  turns double precision NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX account_turns_last ON account_turns (turns);
ALTER TABLE account_turns ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_turns FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON account_turns TO promptbuilder_runner;
CREATE POLICY runner ON account_turns TO promptbuilder_runner USING (true) WITH CHECK (true);
CREATE POLICY owner ON account_turns TO CURRENT_USER USING (true) WITH CHECK (true);

-- The queue of each account by itself: its next job is one probe, however long the queue is.
-- Urgency, the priority turned round, makes all columns grow in the order of the queue; a column,
-- since under row security an expression's order would not be used.
ALTER TABLE jobs ADD COLUMN urgency integer NOT NULL GENERATED ALWAYS AS (-priority) STORED;
CREATE INDEX jobs_queue ON jobs (account_id, urgency, run_after, pipeline_run_id)
  WHERE state = 'queued';
-- The next job of all, if only to know when it is due.
DROP INDEX jobs_due;
CREATE INDEX jobs_next ON jobs (run_after) WHERE state = 'queued';
