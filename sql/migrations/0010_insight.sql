-- What cost pages show beside the ledger's sums changes their stamp, too: the scores of a run count
-- once it is completed, a price weighs the tokens of its model, a zone that is ready has a forecast.

CREATE TRIGGER tr_mark_completed AFTER UPDATE OF status ON pipeline_runs
  FOR EACH ROW WHEN (NEW.status = 'completed' AND OLD.status <> 'completed')
  EXECUTE FUNCTION mark_account('account_id');

-- Adds a mark to every account.
CREATE FUNCTION mark_all_accounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT a.id, -1 - pg_backend_pid() % 8, 1 FROM accounts a ORDER BY a.id
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION mark_all_accounts() FROM PUBLIC;
CREATE TRIGGER tr_mark_all_accounts AFTER INSERT ON model_prices
  FOR EACH STATEMENT EXECUTE FUNCTION mark_all_accounts();
CREATE TRIGGER tr_mark_all_accounts AFTER INSERT OR UPDATE OR DELETE ON reporting_zones
  FOR EACH STATEMENT EXECUTE FUNCTION mark_all_accounts();
