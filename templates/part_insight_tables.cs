<?cs # part_insight_tables.cs: the causes of a difference, unusual runs and what a point of score cost. ?>
<?cs def:cause_figure(figure, row) ?><?cs if:!figure ?>—<?cs elif:?row.is_percent ?><?cs var:figure ?> %<?cs else ?><?cs var:count(figure) ?><?cs /if ?><?cs /def ?>
<?cs if:?page.difference.amount ?>
<div class="scroll" tabindex="0" role="region" aria-label="Causes of the difference, scrolls sideways">
<table class="data" id="causes">
<caption>Causes of the difference to the period before</caption>
<thead><tr><th scope="col">Cause</th><th scope="col" class="num">Before</th><th scope="col" class="num">Now</th><th scope="col" class="num">Effect</th></tr></thead>
<tbody>
<?cs each:row = page.difference.rows ?><tr><th scope="row"><?cs var:row.heading ?></th><td class="num"><?cs call:cause_figure(row.before, row) ?></td><td class="num"><?cs call:cause_figure(row.now, row) ?></td><td class="num" title="<?cs var:row.sign ?><?cs var:row.amount ?> USD"><?cs var:row.sign ?><?cs var:usd2(row.amount) ?></td></tr>
<?cs /each ?>
</tbody>
<tfoot><tr><th scope="row">Difference</th><td class="num" title="<?cs var:d.totals.previous_cost_usd ?> USD"><?cs var:usd2(d.totals.previous_cost_usd) ?></td><td class="num" title="<?cs var:d.totals.cost_usd ?> USD"><?cs var:usd2(d.totals.cost_usd) ?></td><td class="num" title="<?cs var:d.change.cost_usd ?> USD"><?cs var:page.difference.sign ?><?cs var:usd2(page.difference.amount) ?></td></tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.causes, "causes of the difference") ?>
<p class="small muted">Each effect is what the cost changes by when this figure gets its new value after those above it. A model that is new in the period counts as mix; prices are those without a cache.</p>
<?cs /if ?>
<?cs if:subcount(d.unusual_runs) > #0 ?>
<div class="scroll" tabindex="0" role="region" aria-label="Unusual runs, scrolls sideways">
<table class="data" id="unusual">
<caption>Unusual runs among the latest 200</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Assistant</th><th scope="col">Launched</th><th scope="col" class="num">Cost</th><th scope="col" class="num">Median of its assistant</th><th scope="col">Why</th></tr></thead>
<tbody>
<?cs each:run = d.unusual_runs ?><tr><th scope="row" class="nowrap"><a class="mono" href="<?cs var:link("/pipeline-runs/" + run.pipeline_id) ?>"><?cs var:run.pipeline_id ?></a></th><td><?cs var:run.assistant_name ?> <span class="muted small"><?cs var:run.account_slug ?></span></td><td class="nowrap"><time datetime="<?cs var:run.created_at ?>" title="<?cs var:moment(run.created_at) ?>"><?cs var:ago(run.created_at) ?></time></td><td class="num" title="<?cs var:run.total_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?runId=" + run.pipeline_id) ?>"><?cs var:usd4(run.total_cost_usd) ?></a></td><td class="num" title="<?cs var:run.median_cost_usd ?> USD"><?cs var:usd4(run.median_cost_usd) ?></td><td class="nowrap"><?cs if:?run.times_median ?><?cs var:run.times_median ?> times the median<?cs else ?>more than nothing, the median<?cs /if ?> of its latest <?cs var:run.median_of_runs ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.unusual_runs, "unusual runs") ?>
<?cs /if ?>
<?cs if:subcount(d.iterations) > #0 ?>
<div class="scroll" tabindex="0" role="region" aria-label="What a point of score cost, scrolls sideways">
<table class="data" id="points">
<caption>What a point of score cost, in the latest 200 completed runs</caption>
<thead><tr><th scope="col">Improvement</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Mean score before</th><th scope="col" class="num">Mean score after</th><th scope="col" class="num">Points gained</th><th scope="col" class="num">Cost with its analysis</th><th scope="col" class="num">Cost per point</th></tr></thead>
<tbody>
<?cs each:item = d.iterations ?><tr><th scope="row"><?cs var:item.iteration ?></th><td class="num"><a href="<?cs var:link("/pipeline-runs?status=completed&" + page.query.span + page.query.account + page.query.assistant) ?>"><?cs var:count(item.runs) ?></a></td><td class="num"><?cs var:item.score_before ?></td><td class="num"><?cs var:item.score_after ?></td><td class="num"><?cs var:item.points ?></td><td class="num" title="<?cs var:item.cost_usd ?> USD"><?cs var:usd2(item.cost_usd) ?></td><td class="num"<?cs if:?item.point_cost_usd ?> title="<?cs var:item.point_cost_usd ?> USD"<?cs /if ?>><?cs if:?item.point_cost_usd ?><?cs var:usd4(item.point_cost_usd) ?><?cs else ?>—<?cs /if ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.iterations, "what a point of score cost") ?>
<?cs /if ?>
