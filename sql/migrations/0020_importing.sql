-- Whether rows are brought in is asked by the WHEN of triggers on every insert: a function of SQL is
-- put into the condition each time it is planned, which is once a statement, and with it
-- owns_installation(). This one stays a call.
CREATE OR REPLACE FUNCTION is_importing() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(current_setting('app.is_importing', true), '') = 'on'
    AND public.owns_installation();
END
$$;
