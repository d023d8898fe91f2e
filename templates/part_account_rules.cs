<?cs # part_account_rules.cs: the environments of an account, and whether deployments need an approval. ?>
<h2 id="deployment">Deployments</h2>
<dl class="facts">
<dt>Environments</dt><dd><?cs each:environment = d.environments ?><span class="mono"><?cs var:environment ?></span> <?cs /each ?></dd>
<dt>Approval</dt><dd><?cs if:?d.needs_approval ?>a second person approves what is deployed<?cs else ?>not needed<?cs /if ?></dd>
</dl>
<?cs if:page.role != "viewer" && !?d.deleted_at ?>
<details<?cs if:?page.problem ?> open<?cs /if ?>><summary>Change the rules of deployments…</summary>
<form class="form" novalidate method="post" action="<?cs var:link("/accounts/" + d.slug + "/deployment") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<div class="field">
<label for="environments">Environments, one a line</label>
<textarea id="environments" name="environments" rows="4"<?cs call:invalid("environments") ?>><?cs if:?page.problem ?><?cs var:page.values.environments ?><?cs else ?><?cs each:environment = d.environments ?><?cs var:environment ?>
<?cs /each ?><?cs /if ?></textarea>
<?cs call:hint("environments", "The first one is meant where none is named. One that serves something stays.") ?>
</div>
<div class="field">
<label for="needs_approval">A second person must approve</label>
<select id="needs_approval" name="needs_approval"<?cs call:invalid("needs_approval") ?>>
<option value="no">no</option>
<option value="yes"<?cs if:?d.needs_approval ?> selected<?cs /if ?>>yes</option>
</select>
<?cs call:hint("needs_approval", "Members switch it on, only an operator switches it off.") ?>
</div>
<p><button class="button" type="submit">Set the rules</button></p>
</form>
</details>
<?cs /if ?>
