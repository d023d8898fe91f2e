<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<form class="filters" method="get" action="/prompt-versions">
<?cs if:?page.values.run ?><input type="hidden" name="run" value="<?cs var:page.values.run ?>"><?cs /if ?>
<?cs if:?page.is_operator ?>
<div class="field"><label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" placeholder="slug or id"></div>
<?cs /if ?>
<div class="field"><label for="assistantId">Assistant</label>
<input id="assistantId" name="assistantId" value="<?cs var:page.values.assistantId ?>" maxlength="200"></div>
<div class="field"><label for="status">Status</label>
<select id="status" name="status"><option value="">any</option><?cs each:status = page.statuses ?><option value="<?cs var:status ?>"<?cs if:status == page.values.status ?> selected<?cs /if ?>><?cs var:status ?></option><?cs /each ?></select></div>
<button class="button" type="submit">Filter</button>
<?cs if:?page.is_filtered ?><a href="/prompt-versions">Clear filters</a><?cs /if ?>
</form>
<?cs if:subcount(d.prompt_versions) == #0 ?>
<?cs if:?page.is_filtered ?>
<p>Nothing matches. <a href="/prompt-versions">Clear the filters</a> to see all versions.</p>
<?cs else ?>
<p>There are no versions yet. A run that ends well makes one: <a href="/pipeline-runs/new">launch a run</a>.</p>
<?cs /if ?>
<?cs else ?>
<div class="scroll" role="region" aria-label="Prompt versions" tabindex="0">
<table class="data">
<caption>Versions, newest first</caption>
<thead><tr><th scope="col">Version</th><?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?><th scope="col">Assistant</th><th scope="col">Status</th><th scope="col" class="num">Score</th><th scope="col" class="num">Improvements</th><th scope="col">Made by</th><th scope="col">Created</th><th scope="col">Deployed</th></tr></thead>
<tbody>
<?cs each:version = d.prompt_versions ?>
<tr>
<th scope="row"><a href="<?cs var:link("/prompt-versions/" + version.id) ?>"><?cs var:version.version ?><span class="visually-hidden"> of <?cs var:version.assistant_name ?></span></a></th>
<?cs if:?page.is_operator ?><td><a href="<?cs var:link("/accounts/" + version.account_slug) ?>"><?cs var:version.account_slug ?></a></td><?cs /if ?>
<td><a href="<?cs var:link("/assistants/" + version.assistant_id) ?>"><?cs var:version.assistant_name ?></a></td>
<td><?cs call:state(version.status) ?></td>
<td class="num"><?cs if:?version.final_score ?><?cs var:version.final_score ?><?cs else ?>—<?cs /if ?></td>
<td class="num"><?cs if:version.origin == "run" ?><?cs var:count(version.total_iterations) ?><?cs else ?>—<?cs /if ?></td>
<td><?cs if:?version.pipeline_id ?><a class="mono" href="<?cs var:link("/pipeline-runs/" + version.pipeline_id) ?>"><?cs var:version.pipeline_id ?></a><?cs elif:version.origin == "import" ?>imported by <?cs var:version.created_by ?><?cs else ?>edited by <?cs var:version.created_by ?><?cs /if ?></td>
<td class="nowrap"><?cs call:when(version.created_at) ?></td>
<td class="nowrap"><?cs call:when(version.deployed_at) ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.prompt_versions, "all these versions") ?>
<?cs /if ?>
<?cs if:?page.values.cursor || ?d.next_cursor ?>
<nav class="pager" aria-label="Pages">
<?cs if:?page.values.cursor ?><a href="<?cs var:link("/prompt-versions?" + page.next_query) ?>">Newest versions</a><?cs /if ?>
<?cs if:?d.next_cursor ?><a rel="next" href="<?cs var:link("/prompt-versions?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older versions</a><?cs /if ?>
</nav>
<?cs /if ?>
