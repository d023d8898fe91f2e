<?cs # part_environments.cs: what each environment of the account serves of this version's assistant, and how to put this version there or take it away. ?>
<h2 id="environments">Environments</h2>
<?cs if:?d.needs_approval ?><p>This account deploys what a second person has approved: neither whoever made the version nor whoever deploys it.</p><?cs /if ?>
<div class="scroll" role="region" aria-label="Environments" tabindex="0">
<table class="data">
<caption class="visually-hidden">What each environment serves</caption>
<thead><tr><th scope="col">Environment</th><th scope="col">Serves</th><th scope="col">Since</th><th scope="col">By</th><?cs if:page.role != "viewer" ?><th scope="col">Change</th><?cs /if ?></tr></thead>
<tbody>
<?cs each:place = d.environments ?>
<tr>
<th scope="row"><?cs var:place.environment ?></th>
<td><?cs if:?place.is_this ?><strong>this version</strong><?cs elif:?place.version_id ?><a href="<?cs var:link("/prompt-versions/" + place.version_id) ?>"><?cs var:place.version ?></a><?cs else ?>nothing<?cs /if ?></td>
<td class="nowrap"><?cs call:when(place.deployed_at) ?></td>
<td><?cs if:?place.deployed_by ?><?cs var:place.deployed_by ?><?cs else ?>—<?cs /if ?></td>
<?cs if:page.role != "viewer" ?>
<td>
<?cs if:?place.is_this ?>
<details><summary>Withdraw…</summary>
<form method="post" action="<?cs var:link("/assistants/" + d.assistant.id + "/withdraw") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="environment" value="<?cs var:place.environment ?>">
<input type="hidden" name="replaces" value="<?cs var:place.version_id ?>">
<div class="field"><label for="reason-<?cs var:place.environment ?>">Reason</label>
<input id="reason-<?cs var:place.environment ?>" name="reason" maxlength="500"></div>
<button class="button button-danger" type="submit">Withdraw from <?cs var:place.environment ?></button>
</form></details>
<?cs elif:d.status == "final" || d.status == "deployed" ?>
<details><summary>Deploy…</summary>
<form method="post" action="<?cs var:link("/prompt-versions/" + d.id + "/deploy") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="environment" value="<?cs var:place.environment ?>">
<input type="hidden" name="replaces" value="<?cs var:place.version_id ?>">
<div class="field"><label for="reason-<?cs var:place.environment ?>">Reason</label>
<input id="reason-<?cs var:place.environment ?>" name="reason" maxlength="500"></div>
<button class="button button-primary" type="submit">Deploy to <?cs var:place.environment ?></button>
</form></details>
<?cs else ?>—<?cs /if ?>
</td>
<?cs /if ?>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.environments, "environments") ?>
