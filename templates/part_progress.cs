<div<?cs if:?page.is_live ?> data-live="1"<?cs /if ?> data-say="Run <?cs var:d.status ?>, steps started: <?cs var:page.phase_count ?>">
<ul class="tiles" aria-label="Totals">
<li class="tile"><span class="label">Status</span>
<span class="value"><?cs call:state(d.status) ?></span>
<span class="note"><?cs if:?d.cancel_requested ?>asked to stop<?cs elif:?d.paused_at ?>claims are paused since <?cs var:moment(d.paused_at) ?> by <?cs var:d.paused_by ?><?cs elif:?d.waiting_until ?>waits until <time datetime="<?cs var:d.waiting_until ?>"><?cs var:moment(d.waiting_until) ?></time><?cs elif:d.status == "queued" ?>waiting for a runner<?cs else ?>created <?cs call:when(d.created_at) ?><?cs /if ?></span></li>
<li class="tile"><span class="label">Cost, USD</span>
<span class="value"><a href="<?cs var:link("/cost-entries?runId=" + d.pipeline_id) ?>" title="<?cs var:d.total_cost_usd ?>"><?cs var:usd4(d.total_cost_usd) ?></a></span>
<span class="note"><?cs if:?page.is_live ?>so far<?cs else ?>in all<?cs /if ?></span></li>
<li class="tile"><span class="label">Tokens in / out</span>
<span class="value"><?cs var:tokens(d.total_input_tokens) ?> / <?cs var:tokens(d.total_output_tokens) ?></span>
<span class="note">cache read <?cs var:count(d.total_cache_read_tokens) ?>, written <?cs var:count(d.total_cache_write_tokens) ?></span></li>
<li class="tile"><span class="label">Duration</span>
<span class="value"><?cs if:?d.elapsed_ms ?><?cs var:duration(d.elapsed_ms) ?><?cs else ?><?cs call:span(d.duration_ms) ?><?cs /if ?></span>
<span class="note"><?cs var:page.phase_count ?> steps started</span></li>
</ul>
<?cs if:?d.waiting_until && ?d.waiting_for ?>
<div class="banner"><p><strong>It waits.</strong> <?cs var:d.waiting_for ?></p></div>
<?cs /if ?>
<?cs if:?d.error_message && d.status == "failed" ?>
<div class="banner banner-failure" role="alert"><p><strong>The run failed.</strong> <?cs var:d.error_message ?></p></div>
<?cs elif:?d.error_message ?>
<div class="banner"><p><?cs var:d.error_message ?></p></div>
<?cs /if ?>
<?cs if:subcount(d.steps) == #0 ?>
<p class="muted">No step has started.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Steps" tabindex="0">
<table class="data">
<caption>Steps on the time axis</caption>
<thead><tr><th scope="col">Step</th><th scope="col">Status</th><th scope="col">From start to end of the run</th><th scope="col" class="num">Time</th><th scope="col" class="num">Tokens in</th><th scope="col" class="num">Tokens out</th><th scope="col" class="num">Cost, USD</th><th scope="col" class="num">Score</th></tr></thead>
<tbody>
<?cs each:step = d.steps ?><?cs with:bar = page.bars[name(step)] ?>
<tr>
<th scope="row"><?cs var:bar.label ?><?cs if:?bar.round ?> <?cs var:bar.round ?><?cs /if ?></th>
<td><?cs call:state(step.status) ?><?cs if:step.status == "running" && ?step.progress ?> <span class="muted"><?cs var:step.progress ?> %</span><?cs /if ?></td>
<td class="bar"><?cs if:?bar.width ?><svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="phase-<?cs var:bar.phase ?>" x="<?cs var:bar.x ?>" y="0" width="<?cs var:bar.width ?>" height="10"></rect></svg><?cs else ?><span class="muted">not started</span><?cs /if ?></td>
<td class="num"><?cs call:span(bar.duration_ms) ?></td>
<td class="num"><?cs var:count(step.input_tokens) ?></td>
<td class="num"><?cs var:count(step.output_tokens) ?></td>
<td class="num"><span title="<?cs var:step.cost_usd ?>"><?cs var:usd4(step.cost_usd) ?></span></td>
<td class="num"><?cs if:?step.metadata.score ?><?cs var:step.metadata.score ?><?cs else ?>—<?cs /if ?></td>
</tr>
<?cs if:?step.error_message ?><tr><td colspan="8" class="failure"><?cs var:step.error_message ?></td></tr><?cs /if ?>
<?cs /with ?><?cs /each ?>
</tbody>
<tfoot><tr>
<th scope="row" colspan="4">Total</th>
<td class="num"><?cs var:count(d.total_input_tokens) ?></td>
<td class="num"><?cs var:count(d.total_output_tokens) ?></td>
<td class="num"><span title="<?cs var:d.total_cost_usd ?>"><?cs var:usd4(d.total_cost_usd) ?></span></td>
<td></td>
</tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.steps, "steps") ?>
<?cs /if ?>
<div class="scroll" role="region" aria-label="Phases" tabindex="0">
<table class="data">
<caption>Time and cost per phase</caption>
<thead><tr><th scope="col">Phase</th><th scope="col">Share of the cost</th><th scope="col" class="num">Time</th><th scope="col" class="num">Tokens in</th><th scope="col" class="num">Tokens out</th><th scope="col" class="num">Cost, USD</th></tr></thead>
<tbody>
<?cs each:phase = page.phases ?><?cs with:cost = d.costs[phase.key] ?>
<tr>
<th scope="row"><?cs var:phase.label ?></th>
<td class="bar"><svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="phase-<?cs var:phase.key ?>" x="<?cs var:phase.x ?>" y="0" width="<?cs var:phase.width ?>" height="10"></rect></svg></td>
<td class="num"><?cs var:duration(phase.duration_ms) ?></td>
<td class="num"><?cs var:count(cost.input_tokens) ?></td>
<td class="num"><?cs var:count(cost.output_tokens) ?></td>
<td class="num"><?cs var:usd4(cost.cost_usd) ?></td>
</tr>
<?cs /with ?><?cs /each ?>
</tbody>
<tfoot><tr>
<th scope="row">Total</th><td></td>
<td class="num"><?cs if:?d.elapsed_ms ?><?cs var:duration(d.elapsed_ms) ?><?cs else ?><?cs call:span(d.duration_ms) ?><?cs /if ?></td>
<td class="num"><?cs var:count(d.costs.total.input_tokens) ?></td>
<td class="num"><?cs var:count(d.costs.total.output_tokens) ?></td>
<td class="num"><?cs var:usd4(d.costs.total.cost_usd) ?></td>
</tr></tfoot>
</table>
</div>
</div>
