<?cs # account_delete.cs: what goes and what stays when an account is deleted; the slug is typed. ?>
<?cs include!"part_field.cs" ?>
<h1>Delete <?cs var:d.name ?>?</h1>
<?cs include!"part_errors.cs" ?>
<?cs if:d.runs_in_flight != "0" ?>
<p class="banner banner-warning"><strong>Runs are queued or running: <?cs var:count(d.runs_in_flight) ?>.</strong> <a href="<?cs var:link("/pipeline-runs?accountId=" + d.slug) ?>">Cancel them</a> or wait for their end: until then the account cannot be deleted.</p>
<?cs /if ?>
<dl class="facts">
<dt>Goes</dt><dd>briefings and outputs of runs: <?cs var:count(d.runs) ?>; prompts: <?cs var:count(d.prompts) ?>; texts of assistants: <?cs var:count(d.assistants) ?>; tokens with their sessions: <?cs var:count(d.tokens) ?>; all budgets end</dd>
<dt>Stays</dt><dd>every line of the ledger and all sums, so that no total of this installation changes; the runs with their scores; the audit log, which names who did what</dd>
<dt>From then on</dt><dd>nobody signs in, nothing is launched, and nothing brings the texts back</dd>
</dl>
<form class="form" novalidate method="post" action="<?cs var:link("/accounts/" + d.slug + "/delete") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<div class="field">
<label for="name">Its name</label>
<select id="name" name="name"<?cs call:invalid("name") ?>>
<option value="keep"<?cs if:page.values.name == "keep" ?> selected<?cs /if ?>>is kept</option>
<option value="pseudonymise"<?cs if:page.values.name == "pseudonymise" ?> selected<?cs /if ?>>goes, too</option>
</select>
<?cs call:hint("name", "Slug, name and the ids of its assistants; without them its costs stand under a pseudonym.") ?>
</div>
<div class="field">
<label for="slug">Slug</label>
<input id="slug" name="slug" value="<?cs var:page.values.slug ?>" maxlength="64" required autocomplete="off" autocapitalize="none" spellcheck="false"<?cs call:invalid("slug") ?>>
<p class="hint" id="slug-hint"><?cs each:problem = page.errors ?><?cs if:problem.field == "slug" ?><strong class="error"><?cs var:problem.sentence ?></strong> <?cs /if ?><?cs /each ?>Type <code><?cs var:d.slug ?></code> to confirm.</p>
</div>
<p><button class="button button-danger" type="submit">Delete the account</button> <a class="button" href="<?cs var:link("/accounts/" + d.slug) ?>">Keep it</a></p>
</form>
