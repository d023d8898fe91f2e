<?cs # assistant.cs: what an assistant serves in each environment, its versions, and its deployments. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?><?cs include!"part_place_form.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<div class="actions">
<a class="button" href="<?cs var:link("/pipeline-runs?assistantId=" + d.id) ?>">Runs</a>
<a class="button" href="<?cs var:link("/prompt-versions?assistantId=" + d.id) ?>">All versions</a>
<?cs if:page.role != "viewer" && !?d.account_deleted_at ?><a class="button button-primary" href="<?cs var:link("/pipeline-runs/new?accountId=" + d.account.slug + "&assistantId=" + encoded(d.external_id)) ?>">Launch a run</a><?cs /if ?>
</div>
</div>
<?cs include!"part_errors.cs" ?>
<dl class="facts">
<dt>External id</dt><dd class="mono"><?cs var:d.external_id ?></dd>
<dt>Account</dt><dd><a href="<?cs var:link("/accounts/" + d.account.slug) ?>"><?cs var:d.account.name ?></a></dd>
<dt>Id</dt><dd class="mono"><?cs var:d.id ?></dd>
<dt>Created</dt><dd><?cs call:when(d.created_at) ?></dd>
</dl>
<h2 id="environments">Serves now</h2>
<?cs if:?d.needs_approval ?><p>This account deploys what a second person has approved.</p><?cs /if ?>
<div class="scroll" role="region" aria-label="Environments" tabindex="0">
<table class="data">
<caption class="visually-hidden">What each environment serves</caption>
<thead><tr><th scope="col">Environment</th><th scope="col">Version</th><th scope="col" class="num">Score</th><th scope="col">Since</th><th scope="col">By</th><th scope="col">Reason</th><?cs if:page.role != "viewer" ?><th scope="col">Change</th><?cs /if ?></tr></thead>
<tbody>
<?cs each:place = d.environments ?>
<tr>
<th scope="row"><?cs var:place.environment ?></th>
<td><?cs if:?place.version_id ?><a href="<?cs var:link("/prompt-versions/" + place.version_id) ?>"><?cs var:place.version ?></a><?cs elif:?place.kind ?>nothing: withdrawn<?cs else ?>nothing yet<?cs /if ?></td>
<td class="num"><?cs if:?place.final_score ?><?cs var:place.final_score ?><?cs else ?>—<?cs /if ?></td>
<td class="nowrap"><?cs call:when(place.deployed_at) ?></td>
<td><?cs if:?place.deployed_by ?><?cs var:place.deployed_by ?><?cs else ?>—<?cs /if ?></td>
<td><?cs if:?place.reason ?><?cs var:place.reason ?><?cs else ?>—<?cs /if ?></td>
<?cs if:page.role != "viewer" ?>
<td><?cs if:?place.version_id ?>
<?cs call:place_form("/assistants/" + d.id + "/withdraw", place, "Withdraw", "Withdraw from", "danger") ?>
<?cs else ?>—<?cs /if ?></td>
<?cs /if ?>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.environments, "environments") ?>
<?cs include!"part_assistant_versions.cs" ?>
<?cs include!"part_assistant_events.cs" ?>
