<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?><?cs include!"part_field.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<div class="actions">
<a class="button" href="<?cs var:link("/costs/" + d.slug) ?>">Costs</a>
<?cs if:page.role != "viewer" ?><a class="button" href="<?cs var:link("/audit?accountId=" + d.slug) ?>">Audit log</a><?cs /if ?>
<?cs if:page.role != "viewer" && !?d.deleted_at ?><a class="button" href="<?cs var:link("/tokens?accountId=" + d.slug) ?>">Tokens</a><?cs /if ?>
<?cs if:page.role != "viewer" && !?d.deleted_at ?><a class="button button-primary" href="<?cs var:link("/pipeline-runs/new?accountId=" + d.slug) ?>">Launch a run</a><?cs /if ?>
</div>
</div>
<?cs include!"part_errors.cs" ?>
<?cs if:?d.deleted_at ?>
<p class="banner banner-warning"><strong>This account is deleted</strong> since <time datetime="<?cs var:d.deleted_at ?>"><?cs var:moment(d.deleted_at) ?></time>: its texts are gone, what it cost stays.<?cs if:?page.is_operator ?> <a href="<?cs var:link("/accounts/" + d.slug + "/deletion") ?>">The receipt</a><?cs /if ?></p>
<?cs /if ?>
<dl class="facts">
<dt>Slug</dt><dd class="mono"><?cs var:d.slug ?></dd>
<dt>Id</dt><dd class="mono"><?cs var:d.id ?></dd>
<dt>Created</dt><dd><?cs call:when(d.created_at) ?></dd>
</dl>
<?cs if:subcount(d.assistants) == #0 ?>
<h2>Assistants</h2>
<p>None yet: the first run makes one.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Assistants" tabindex="0">
<table class="data">
<caption>Assistants</caption>
<thead><tr><th scope="col">Assistant</th><th scope="col">External id</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Latest version</th></tr></thead>
<tbody>
<?cs each:assistant = d.assistants ?>
<tr>
<th scope="row"><a href="<?cs var:link("/assistants/" + assistant.id) ?>"><?cs var:assistant.name ?></a></th>
<td class="mono"><?cs var:assistant.external_id ?></td>
<td class="num"><a href="<?cs var:link("/pipeline-runs?assistantId=" + assistant.id) ?>"><?cs var:count(assistant.run_count) ?></a></td>
<td class="num"><?cs if:?assistant.latest_version ?><a href="<?cs var:link("/prompt-versions?assistantId=" + assistant.id) ?>">v<?cs var:assistant.latest_version ?></a><?cs else ?>—<?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.assistants, "assistants") ?>
<?cs /if ?>
<?cs if:subcount(d.pipeline_runs) == #0 ?>
<h2>Runs</h2>
<p>No runs yet for <?cs var:d.name ?>.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Recent runs" tabindex="0">
<table class="data">
<caption>Recent runs</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Created</th><th scope="col">Assistant</th><th scope="col">Status</th><th scope="col" class="num">Duration</th><th scope="col" class="num">Cost, USD</th></tr></thead>
<tbody>
<?cs each:run = d.pipeline_runs ?>
<tr>
<th scope="row"><a class="mono" href="<?cs var:link("/pipeline-runs/" + run.pipeline_id) ?>"><?cs var:run.pipeline_id ?></a></th>
<td class="nowrap"><?cs call:when(run.created_at) ?></td>
<td><?cs var:run.assistant_name ?></td>
<td><?cs call:state(run.status) ?></td>
<td class="num"><?cs call:span(run.duration_ms) ?></td>
<td class="num"><span title="<?cs var:run.total_cost_usd ?>"><?cs var:usd4(run.total_cost_usd) ?></span></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.pipeline_runs, "recent runs") ?>
<p><a href="<?cs var:link("/pipeline-runs?accountId=" + d.slug) ?>">All runs of this account</a></p>
<?cs /if ?>
<?cs include!"part_account_rules.cs" ?>
<?cs if:?page.is_operator && !?d.deleted_at ?>
<p><a class="button button-danger" href="<?cs var:link("/accounts/" + d.slug + "/delete") ?>">Delete the account…</a></p>
<?cs /if ?>
