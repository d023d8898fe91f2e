-- Control over runners: the claims of the whole installation stop and start, a runner is asked to
-- finish and go, and tells whether it hears of work at once.

-- While the one row is there nobody claims anything.
CREATE TABLE claim_pause (
  is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
  paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_by text NOT NULL
);

ALTER TABLE runners ADD COLUMN is_listening boolean NOT NULL DEFAULT true,
  ADD COLUMN drain_requested_at timestamptz, ADD COLUMN drain_requested_by text,
  ADD CHECK ((drain_requested_at IS NULL) = (drain_requested_by IS NULL));

-- Calls that may have been charged, of the last day.
CREATE INDEX attempts_unknown ON attempts (ended_at) WHERE state = 'unknown';

-- Everybody may know; only an operator changes it.
ALTER TABLE claim_pause ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON claim_pause TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY runner ON claim_pause FOR SELECT TO promptbuilder_runner USING (true);
CREATE POLICY web ON claim_pause FOR SELECT TO promptbuilder_web USING (true);
CREATE POLICY web_pause ON claim_pause FOR INSERT TO promptbuilder_web
  WITH CHECK ((SELECT current_setting('app.operator', true) = 'on'));
CREATE POLICY web_resume ON claim_pause FOR DELETE TO promptbuilder_web
  USING ((SELECT current_setting('app.operator', true) = 'on'));
CREATE POLICY web_drain ON runners AS RESTRICTIVE FOR UPDATE TO promptbuilder_web
  USING ((SELECT current_setting('app.operator', true) = 'on'));
GRANT SELECT ON claim_pause TO promptbuilder_web, promptbuilder_runner;
GRANT INSERT (paused_by), DELETE ON claim_pause TO promptbuilder_web;
GRANT UPDATE (drain_requested_at, drain_requested_by) ON runners TO promptbuilder_web;
