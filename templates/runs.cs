<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<?cs if:page.role != "viewer" ?><p class="actions"><a class="button button-primary" href="/pipeline-runs/new">Launch a run</a></p><?cs /if ?>
</div>
<?cs include!"part_pause.cs" ?>
<ul class="tabs" aria-label="Status">
<li><a href="<?cs var:link("/pipeline-runs?" + page.tab_query) ?>"<?cs if:!?page.values.status ?> aria-current="true"<?cs /if ?>>All</a></li>
<?cs each:tab = page.statuses ?>
<li><a href="<?cs var:link("/pipeline-runs?" + page.tab_query + "status=" + tab.status) ?>"<?cs if:page.values.status == tab.status ?> aria-current="true"<?cs /if ?>><?cs var:tab.status ?> (<?cs var:tab.runs ?>)</a></li>
<?cs /each ?>
</ul>
<form class="filters" method="get" action="/pipeline-runs">
<?cs if:?page.values.status ?><input type="hidden" name="status" value="<?cs var:page.values.status ?>"><?cs /if ?>
<?cs if:?page.is_operator ?>
<div class="field"><label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" placeholder="slug or id"></div>
<?cs /if ?>
<div class="field"><label for="assistantId">Assistant</label>
<input id="assistantId" name="assistantId" value="<?cs var:page.values.assistantId ?>" maxlength="200"></div>
<?cs if:?page.values.tz ?><input type="hidden" name="tz" value="<?cs var:page.values.tz ?>"><?cs /if ?><div class="field"><label for="from">From (<?cs if:?page.values.tz ?><?cs var:page.values.tz ?><?cs else ?>UTC<?cs /if ?>)</label>
<input id="from" name="from" type="date" value="<?cs var:page.values.from ?>"></div>
<div class="field"><label for="to">To</label>
<input id="to" name="to" type="date" value="<?cs var:page.values.to ?>"></div>
<div class="field"><label for="limit">Rows</label>
<input id="limit" name="limit" type="number" min="1" max="200" value="<?cs var:page.values.limit ?>" placeholder="50"></div>
<button class="button" type="submit">Filter</button>
<?cs if:?page.is_filtered ?><a href="/pipeline-runs">Clear filters</a><?cs /if ?>
</form>
<?cs if:subcount(d.pipeline_runs) == #0 ?>
<?cs if:?page.is_filtered ?>
<p>Nothing matches. <a href="/pipeline-runs">Clear the filters</a> to see all runs.</p>
<?cs else ?>
<p>There are no runs yet. <a href="/pipeline-runs/new">Launch the first one</a> from a briefing.</p>
<?cs /if ?>
<?cs else ?>
<div class="scroll" role="region" aria-label="Pipeline runs" tabindex="0">
<table class="data">
<caption>Runs, newest first</caption>
<thead><tr>
<th scope="col">Run</th>
<th scope="col">Created</th>
<?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?>
<th scope="col">Assistant</th>
<th scope="col">Status</th>
<th scope="col" class="num">Duration</th>
<th scope="col" class="num">Tokens, in / out</th>
<th scope="col" class="num">Cost, USD</th>
<th scope="col">Phases</th>
</tr></thead>
<tbody>
<?cs each:run = d.pipeline_runs ?>
<tr>
<th scope="row" class="nowrap"><a class="mono" href="<?cs var:link("/pipeline-runs/" + run.pipeline_id) ?>"><?cs var:run.pipeline_id ?></a><?cs if:run.kind == "score" ?><br><span class="muted small">scores <?cs var:run.scored_version ?></span><?cs /if ?></th>
<td class="nowrap"><?cs call:when(run.created_at) ?></td>
<?cs if:?page.is_operator ?><td><a href="<?cs var:link("/accounts/" + run.account_slug) ?>"><?cs var:run.account_slug ?></a></td><?cs /if ?>
<td><a href="<?cs var:link("/pipeline-runs?assistantId=" + run.assistant_id) ?>"><?cs var:run.assistant_name ?></a></td>
<td><?cs call:state(run.status) ?><?cs if:?run.waiting_until ?><br><span class="muted small">until <time datetime="<?cs var:run.waiting_until ?>"><?cs var:moment(run.waiting_until) ?></time><?cs if:?run.waiting_for ?>: <?cs var:run.waiting_for ?><?cs /if ?></span><?cs /if ?></td>
<td class="num"><?cs call:span(run.duration_ms) ?></td>
<td class="num"><?cs var:tokens(run.total_input_tokens) ?> / <?cs var:tokens(run.total_output_tokens) ?></td>
<td class="num"><a href="<?cs var:link("/cost-entries?runId=" + run.pipeline_id) ?>" title="<?cs var:run.total_cost_usd ?>"><?cs var:usd4(run.total_cost_usd) ?></a></td>
<td class="bar"><?cs with:bar = page.bars[name(run)] ?><svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><?cs if:?bar.generation.width ?><rect class="phase-generation" x="<?cs var:bar.generation.x ?>" y="0" width="<?cs var:bar.generation.width ?>" height="10"></rect><?cs /if ?><?cs if:?bar.analysis.width ?><rect class="phase-analysis" x="<?cs var:bar.analysis.x ?>" y="0" width="<?cs var:bar.analysis.width ?>" height="10"></rect><?cs /if ?><?cs if:?bar.improvement.width ?><rect class="phase-improvement" x="<?cs var:bar.improvement.x ?>" y="0" width="<?cs var:bar.improvement.width ?>" height="10"></rect><?cs /if ?></svg><?cs /with ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.pipeline_runs, "all these runs") ?>
<ul class="legend" aria-label="Phases">
<li><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="phase-generation" x="0" y="0" width="12" height="12"></rect></svg>generation</li>
<li><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="phase-analysis" x="0" y="0" width="12" height="12"></rect></svg>analysis</li>
<li><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="phase-improvement" x="0" y="0" width="12" height="12"></rect></svg>improvement</li>
</ul>
<?cs /if ?>
<?cs if:?page.values.cursor || ?d.next_cursor ?>
<nav class="pager" aria-label="Pages">
<?cs if:?page.values.cursor ?><a href="<?cs var:link("/pipeline-runs?" + page.next_query) ?>">Newest runs</a><?cs /if ?>
<?cs if:?d.next_cursor ?><a rel="next" href="<?cs var:link("/pipeline-runs?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older runs</a><?cs /if ?>
</nav>
<?cs /if ?>
