<?cs # part_report.cs: what both cost pages show of a report in d: tiles, chart, phases, models. ?>
<?cs # The columns that accounts, assistants and models share; query names the lines behind a row, runs_at where its runs are told. ?>
<?cs def:figure_heads() ?><th scope="col" class="num">Cost</th><th scope="col" class="num">Share</th><td class="bar-cell"></td><th scope="col" class="num">Runs</th><th scope="col" class="num">Calls</th><th scope="col" class="num">Input tokens</th><th scope="col" class="num">Output tokens</th><?cs /def ?>
<?cs def:figure_cells(row, query, runs_at) ?><td class="num" title="<?cs var:row.cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + query) ?>"><?cs var:usd2(row.cost_usd) ?></a></td><td class="num"><?cs var:percent(row.share_percent) ?></td><td class="bar-cell"><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect<?cs if:?row.phase ?> class="phase-<?cs var:row.phase ?>"<?cs /if ?> width="<?cs var:row.share_percent ?>" height="10"/></svg></td><td class="num"><?cs if:?row.runs ?><a href="<?cs var:link(runs_at + query) ?>"><?cs var:count(row.runs) ?></a><?cs else ?>—<?cs /if ?></td><td class="num"><?cs var:count(row.calls) ?></td><td class="num" title="<?cs var:row.input_tokens ?>"><?cs var:tokens(row.input_tokens) ?></td><td class="num" title="<?cs var:row.output_tokens ?>"><?cs var:tokens(row.output_tokens) ?></td><?cs /def ?>
<?cs def:figure_totals() ?><tfoot><tr><th scope="row">Total</th><td class="num" title="<?cs var:d.totals.cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + page.query.span + page.query.account + page.query.assistant) ?>"><?cs var:usd2(d.totals.cost_usd) ?></a></td><td></td><td></td><td class="num"><a href="<?cs var:link("/pipeline-runs?" + page.query.span + page.query.account + page.query.assistant) ?>"><?cs var:count(d.totals.runs) ?></a></td><td class="num"><?cs var:count(d.totals.calls) ?></td><td class="num" title="<?cs var:d.totals.input_tokens ?>"><?cs var:tokens(d.totals.input_tokens) ?></td><td class="num" title="<?cs var:d.totals.output_tokens ?>"><?cs var:tokens(d.totals.output_tokens) ?></td></tr></tfoot><?cs /def ?>
<?cs if:d.totals.unpriced_calls != "0" ?>
<p class="banner banner-warning"><strong><?cs var:count(d.totals.unpriced_calls) ?> calls have no full price</strong> and are missing in these totals. <a href="/prices">See which models need a price</a>.</p>
<?cs /if ?>
<ul class="tiles">
<li class="tile"><span class="label">Total cost</span><span class="value" title="<?cs var:d.totals.cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + page.query.span + page.query.account + page.query.assistant) ?>"><?cs var:usd2(d.totals.cost_usd) ?></a></span><span class="note"><?cs if:?page.change ?><?cs var:page.change ?> against the period before (<?cs var:usd2(d.totals.previous_cost_usd) ?>)<?cs else ?>nothing in the period before<?cs /if ?></span></li>
<li class="tile"><span class="label">Runs</span><span class="value"><a href="<?cs var:link("/pipeline-runs?" + page.query.span + page.query.account + page.query.assistant) ?>"><?cs var:count(d.totals.runs) ?></a></span><span class="note"><?cs var:count(d.totals.calls) ?> model calls, <span title="<?cs var:d.totals.output_tokens ?>"><?cs var:tokens(d.totals.output_tokens) ?></span> tokens out</span></li>
<li class="tile"><span class="label">Median cost per run</span><?cs if:?d.totals.median_run_cost_usd ?><span class="value" title="<?cs var:d.totals.median_run_cost_usd ?> USD"><?cs var:usd4(d.totals.median_run_cost_usd) ?></span><span class="note">of the latest <?cs var:count(d.totals.median_of_runs) ?>; average <?cs var:usd4(d.totals.average_run_cost_usd) ?></span><?cs else ?><span class="value">—</span><span class="note">no runs</span><?cs /if ?></li>
<li class="tile"><span class="label">Saved by caching</span><span class="value" title="<?cs var:d.totals.cache_saved_usd ?> USD"><?cs var:usd2(d.totals.cache_saved_usd) ?></span><span class="note"><?cs if:?page.is_cache_loss ?>its writes outweighed its reads; <?cs /if ?><?cs if:?d.totals.cache_share_percent ?><?cs var:percent(d.totals.cache_share_percent) ?> of <span title="<?cs var:d.totals.input_tokens ?> uncached, <?cs var:d.totals.cache_read_tokens ?> read, <?cs var:d.totals.cache_write_tokens ?> written">input tokens</span> read from it<?cs else ?>no input tokens<?cs /if ?></span></li>
</ul>
<?cs include!"part_insight.cs" ?>
<h2>Cost per <?cs var:d.group ?> by phase</h2>
<?cs include!"part_chart.cs" ?>
<div class="scroll" tabindex="0" role="region" aria-label="By phase, scrolls sideways">
<table class="data">
<caption>By phase</caption>
<thead><tr><th scope="col">Phase</th><?cs call:figure_heads() ?></tr></thead>
<tbody>
<?cs each:item = d.by_phase ?><?cs if:item.phase != "other" || item.calls != "0" ?><tr><th scope="row" class="nowrap"><svg class="swatch phase-<?cs var:item.phase ?>" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12"/></svg><?cs var:item.phase ?></th><?cs call:figure_cells(item, page.query.span + page.query.account + page.query.assistant + "&operation=" + item.operation, "") ?></tr>
<?cs /if ?><?cs /each ?>
</tbody>
<?cs call:figure_totals() ?>
</table>
</div>
<?cs call:download(page.csv.by_phase, "by phase") ?>
