<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<?cs if:page.role != "viewer" ?>
<div class="actions">
<?cs if:?page.is_live ?>
<form method="post" action="<?cs var:link("/pipeline-runs/" + d.pipeline_id + "/cancel") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<button class="button button-danger" type="submit"<?cs if:?d.cancel_requested ?> disabled<?cs /if ?>>Cancel this run</button>
</form>
<?cs elif:!?d.pruned_at && (d.status == "failed" || d.status == "cancelled") ?>
<form method="post" action="<?cs var:link("/pipeline-runs/" + d.pipeline_id + "/retry") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<button class="button" type="submit">Retry from the last completed step</button>
</form>
<?cs /if ?>
<a class="button" href="<?cs var:link("/pipeline-runs/new?run=" + d.pipeline_id) ?>">Launch again with changes</a>
</div>
<?cs /if ?>
</div>
<p class="period"><a href="<?cs var:link("/pipeline-runs?assistantId=" + d.assistant.id) ?>"><?cs var:d.assistant.name ?></a> of <a href="<?cs var:link("/accounts/" + d.account.slug) ?>"><?cs var:d.account.name ?></a>, model <?cs var:d.model ?>, target score <?cs var:d.target_score ?>, at most <?cs var:d.iteration_limit ?> improvements<?cs if:?d.started_at ?>, started <?cs call:when(d.started_at) ?><?cs /if ?></p>
<?cs if:subcount(d.prompt_versions) > #0 ?>
<div class="banner banner-success"><p><?cs each:version = d.prompt_versions ?><?cs if:?version.is_made_here ?>This run made<?cs else ?>This run ended with a text that was there before:<?cs /if ?> <a href="<?cs var:link("/prompt-versions/" + version.id) ?>">version <?cs var:version.version ?></a><?cs if:?version.final_score ?> with the score <?cs var:version.final_score ?><?cs /if ?>. <?cs /each ?></p></div>
<?cs /if ?>
<?cs if:?page.is_live ?>
<p class="small muted" data-poll-controls hidden><span role="status" aria-live="polite" data-poll-say></span> <button class="plain" type="button" data-poll-pause>Pause updates</button></p>
<noscript><p><a href="<?cs var:link("/pipeline-runs/" + d.pipeline_id) ?>">Refresh</a> to see how far it is.</p></noscript>
<?cs /if ?>
<section aria-label="Progress"<?cs if:?page.is_live ?> data-poll="<?cs var:link("/pipeline-runs/" + d.pipeline_id + "/progress") ?>"<?cs /if ?>>
<?cs include!"part_progress.cs" ?>
</section>

<?cs if:subcount(d.cost_entries) > #0 || subcount(d.steps) > #0 ?>
<div class="scroll" role="region" aria-label="Calls" tabindex="0">
<table class="data compact">
<caption>Calls</caption>
<thead><tr><th scope="col">Step and call</th><th scope="col">Outcome</th><th scope="col" class="num">HTTP</th><th scope="col" class="num">First byte</th><th scope="col" class="num">Time</th><th scope="col" class="num">Tokens in</th><th scope="col" class="num">Cached, read / written</th><th scope="col" class="num">Tokens out</th><th scope="col" class="num">Cost, USD</th></tr></thead>
<tbody>
<?cs each:step = d.steps ?><?cs with:bar = page.bars[name(step)] ?><?cs each:call = step.attempts ?>
<tr>
<th scope="row" class="nowrap"><?cs var:bar.label ?><?cs if:?bar.round ?> <?cs var:bar.round ?><?cs /if ?>, call <?cs var:call.number ?></th>
<td><?cs if:call.state == "open" ?>under way<?cs elif:call.state == "unknown" ?><strong class="warning">unknown, may have been billed</strong><?cs elif:?call.succeeded ?><?cs if:?call.stop_reason ?><?cs var:call.stop_reason ?><?cs else ?>done<?cs /if ?><?cs else ?><span class="failure"><?cs if:?call.error_type ?><?cs var:call.error_type ?><?cs else ?>failed<?cs /if ?></span><?cs /if ?><?cs if:?call.estimated && call.state != "unknown" ?> <span class="warning">usage estimated</span><?cs /if ?></td>
<td class="num"><?cs if:?call.http_status ?><?cs var:call.http_status ?><?cs else ?>—<?cs /if ?></td>
<td class="num"><?cs call:span(call.first_byte_ms) ?></td>
<td class="num"><?cs call:span(call.duration_ms) ?></td>
<?cs if:?call.cost_usd ?>
<td class="num"><?cs var:count(call.input_tokens) ?></td>
<td class="num"><?cs var:count(call.cache_read_tokens) ?> / <?cs var:count(call.cache_write_tokens) ?></td>
<td class="num"><?cs var:count(call.output_tokens) ?></td>
<td class="num"><span title="<?cs var:call.cost_usd ?>"><?cs var:usd6(call.cost_usd) ?></span></td>
<?cs else ?>
<td class="num">—</td><td class="num">—</td><td class="num">—</td><td class="num">—</td>
<?cs /if ?>
</tr>
<?cs if:call.state == "unknown" ?><tr><td></td><td colspan="8">Reserved for it: <span title="<?cs var:call.reserved_usd ?>"><?cs var:usd6(call.reserved_usd) ?></span>. Booked: <span title="<?cs var:call.cost_usd ?>"><?cs var:usd6(call.cost_usd) ?></span>, an estimate until its end is known; then a second line corrects it.</td></tr>
<?cs elif:?call.corrected_usd ?><tr><td></td><td colspan="8">Corrected later by <span title="<?cs var:call.corrected_usd ?>"><?cs var:usd6(call.corrected_usd) ?></span>; it was booked at another amount first.</td></tr><?cs /if ?>
<?cs if:?call.error_message ?><tr><td></td><td colspan="8" class="failure"><?cs var:call.error_message ?><?cs if:?call.provider_request_id ?> <span class="muted">(the provider's request <?cs var:call.provider_request_id ?>)</span><?cs /if ?></td></tr><?cs /if ?>
<?cs /each ?><?cs /with ?><?cs /each ?>
</tbody>
<tfoot><tr>
<th scope="row" colspan="5">Total</th>
<td class="num"><?cs var:count(d.total_input_tokens) ?></td>
<td class="num"><?cs var:count(d.total_cache_read_tokens) ?> / <?cs var:count(d.total_cache_write_tokens) ?></td>
<td class="num"><?cs var:count(d.total_output_tokens) ?></td>
<td class="num"><span title="<?cs var:d.total_cost_usd ?>"><?cs var:usd6(d.total_cost_usd) ?></span></td>
</tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.calls, "calls") ?>
<?cs /if ?>
<?cs each:step = d.steps ?><?cs with:bar = page.bars[name(step)] ?>
<?cs if:?step.analysis.summary ?>
<details>
<summary><?cs var:bar.label ?><?cs if:?bar.round ?> <?cs var:bar.round ?><?cs /if ?>: score <?cs var:step.analysis.score ?>, findings: <?cs var:subcount(step.analysis.findings) ?></summary>
<p><?cs var:step.analysis.summary ?></p>
<?cs if:subcount(step.analysis.findings) > #0 ?>
<table class="data">
<caption class="visually-hidden">Findings</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Area</th><th scope="col">Finding</th><th scope="col">Suggestion</th></tr></thead>
<tbody>
<?cs each:finding = step.analysis.findings ?>
<tr><td><?cs var:finding.severity ?></td><td><?cs var:finding.area ?></td><td><?cs var:finding.finding ?></td><td><?cs var:finding.suggestion ?></td></tr>
<?cs /each ?>
</tbody>
</table>
<?cs call:download(page.csv.findings, "findings") ?>
<?cs /if ?>
</details>
<?cs elif:?step.output ?>
<details>
<summary><?cs var:bar.label ?><?cs if:?bar.round ?> <?cs var:bar.round ?><?cs /if ?>: the prompt it wrote</summary>
<pre class="wrap"><?cs var:step.output ?></pre>
</details>
<?cs /if ?>
<?cs /with ?><?cs /each ?>
<?cs if:subcount(d.cost_entries) == #0 ?>
<p class="muted">No call has been booked.</p>
<?cs else ?>
<details>
<summary>Cost entries (<?cs var:subcount(d.cost_entries) ?>)</summary>
<div class="scroll" role="region" aria-label="Cost entries" tabindex="0">
<table class="data compact">
<caption class="visually-hidden">Cost entries of this run</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Operation</th><th scope="col">Model</th><th scope="col" class="num">Tokens in</th><th scope="col" class="num">Cache read</th><th scope="col" class="num">Cache written</th><th scope="col" class="num">Tokens out</th><th scope="col" class="num">Cost, USD</th></tr></thead>
<tbody>
<?cs each:entry = d.cost_entries ?>
<tr>
<td class="nowrap"><a href="<?cs var:link("/cost-entries/" + entry.id) ?>"><time datetime="<?cs var:entry.timestamp ?>"><?cs var:moment(entry.timestamp) ?></time></a></td>
<td><?cs var:entry.operation ?></td>
<td class="mono"><?cs var:entry.model ?></td>
<td class="num"><?cs var:count(entry.input_tokens) ?></td>
<td class="num"><?cs var:count(entry.cache_read_tokens) ?></td>
<td class="num"><?cs var:count(entry.cache_write_tokens) ?></td>
<td class="num"><?cs var:count(entry.output_tokens) ?></td>
<td class="num"><?cs if:entry.price_status == "unpriced" ?><a href="/prices">?</a><?cs else ?><span title="<?cs var:entry.cost_usd ?>"><?cs var:usd6(entry.cost_usd) ?></span><?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
<tfoot><tr>
<th scope="row" colspan="3">Total</th>
<td class="num"><?cs var:count(d.total_input_tokens) ?></td>
<td class="num"><?cs var:count(d.total_cache_read_tokens) ?></td>
<td class="num"><?cs var:count(d.total_cache_write_tokens) ?></td>
<td class="num"><?cs var:count(d.total_output_tokens) ?></td>
<td class="num"><span title="<?cs var:d.total_cost_usd ?>"><?cs var:usd6(d.total_cost_usd) ?></span></td>
</tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.cost_entries, "cost entries") ?>
</details>
<?cs /if ?>

<h2 id="briefing">Briefing</h2>
<?cs if:?d.pruned_at ?><p class="muted">The briefing and the outputs were dropped on <?cs call:when(d.pruned_at) ?> to keep storage small. Calls, scores and costs remain.</p><?cs /if ?>
<dl class="facts">
<?cs with:b = d.briefing_data ?>
<?cs if:?b.company ?><dt>Company</dt><dd><?cs var:b.company ?></dd><?cs /if ?>
<?cs if:?b.purpose ?><dt>Purpose</dt><dd><?cs var:b.purpose ?></dd><?cs /if ?>
<?cs if:?b.audience ?><dt>Audience</dt><dd><?cs var:b.audience ?></dd><?cs /if ?>
<?cs if:?b.tone ?><dt>Tone</dt><dd><?cs var:b.tone ?></dd><?cs /if ?>
<?cs if:?b.language ?><dt>Language</dt><dd><?cs var:b.language ?></dd><?cs /if ?>
<?cs if:subcount(b.channels) > #0 ?><dt>Channels</dt><dd><?cs each:item = b.channels ?><?cs var:item ?><?cs if:!last(item) ?>, <?cs /if ?><?cs /each ?></dd><?cs /if ?>
<?cs if:subcount(b.facts) > #0 ?><dt>Facts</dt><dd><ul><?cs each:item = b.facts ?><li><?cs var:item ?></li><?cs /each ?></ul></dd><?cs /if ?>
<?cs if:subcount(b.rules) > #0 ?><dt>Rules</dt><dd><ul><?cs each:item = b.rules ?><li><?cs var:item ?></li><?cs /each ?></ul></dd><?cs /if ?>
<?cs if:subcount(b.examples) > #0 ?><dt>Examples</dt><dd><ul><?cs each:item = b.examples ?><li><?cs var:item ?></li><?cs /each ?></ul></dd><?cs /if ?>
<?cs /with ?>
<dt>Briefing id</dt><dd class="mono"><?cs var:d.briefing_id ?></dd>
<dt>Run id</dt><dd class="mono"><?cs var:d.id ?></dd>
</dl>
