<?cs # part_environments.cs: what each environment of the account serves of this version's assistant, and how to put this version there or take it away. ?>
<?cs include!"part_place_form.cs" ?>
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
<?cs call:place_form("/assistants/" + d.assistant.id + "/withdraw", place, "Withdraw", "Withdraw from", "danger") ?>
<?cs elif:d.status == "final" || d.status == "deployed" ?>
<?cs call:place_form("/prompt-versions/" + d.id + "/deploy", place, "Deploy", "Deploy to", "primary") ?>
<?cs else ?>—<?cs /if ?>
</td>
<?cs /if ?>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.environments, "environments") ?>
