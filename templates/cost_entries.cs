<?cs # cost_entries.cs: the lines of the ledger, a row for each model call. ?>
<?cs include!"part_download.cs" ?>
<h1>Cost entries</h1>
<?cs if:?d.run.pipeline_id ?>
<p class="period">Run <a href="/pipeline-runs/<?cs var:d.run.pipeline_id ?>"><?cs var:d.run.pipeline_id ?></a> of <a href="/costs/<?cs var:d.run.account_slug ?>"><?cs var:d.run.account_slug ?></a>, in all <?cs var:usd6(d.run.total_cost_usd) ?></p>
<?cs else ?>
<p class="period"><?cs if:?d.account.slug ?>Account <a href="/costs/<?cs var:d.account.slug ?>"><?cs var:d.account.name ?></a><?cs else ?>All accounts<?cs /if ?><?cs with:f = page.filter ?><?cs if:?f.assistantId ?>, assistant <?cs var:f.assistantId ?><?cs /if ?><?cs if:?f.model ?>, model <?cs var:f.model ?><?cs /if ?><?cs if:?f.operation ?>, operation <?cs var:f.operation ?><?cs /if ?><?cs if:?f.from ?>, from <?cs var:date(f.from) ?><?cs /if ?><?cs if:?f.to ?> to <?cs var:date(f.to) ?><?cs /if ?><?cs if:?f.tz ?> (<?cs var:f.tz ?>)<?cs /if ?>, the newest first<?cs if:?f.assistantId || ?f.model || ?f.operation || ?f.from || ?f.to ?>. <a href="<?cs if:?f.accountId ?><?cs var:link("/cost-entries?accountId=" + d.account.slug) ?><?cs else ?>/cost-entries<?cs /if ?>">Clear filters</a><?cs /if ?><?cs /with ?></p>
<?cs /if ?>
<?cs if:?d.cost_entries.0.id ?>
<div class="scroll" tabindex="0" role="region" aria-label="Cost entries, scrolls sideways">
<table class="data">
<caption class="visually-hidden">Cost entries</caption>
<thead><tr><th scope="col">Time</th><?cs if:!?d.run.pipeline_id ?><th scope="col">Assistant</th><?cs /if ?><th scope="col">Operation</th><th scope="col">Model</th><th scope="col" class="num">Input</th><th scope="col" class="num">Cache read</th><th scope="col" class="num">Cache write</th><th scope="col" class="num">Output</th><th scope="col" class="num">Cost</th></tr></thead>
<tbody>
<?cs each:item = d.cost_entries ?><tr><th scope="row" class="nowrap"><a href="<?cs var:link("/cost-entries/" + item.id) ?>"><time datetime="<?cs var:item.timestamp ?>"><?cs var:moment(item.timestamp) ?></time></a></th><?cs if:!?d.run.pipeline_id ?><td class="nowrap"><a href="/pipeline-runs/<?cs var:item.pipeline_id ?>"><?cs var:item.assistant_external_id ?></a></td><?cs /if ?><td><?cs var:item.operation ?></td><td class="nowrap"><?cs var:item.model ?></td><td class="num"><?cs var:count(item.input_tokens) ?></td><td class="num"><?cs var:count(item.cache_read_tokens) ?></td><td class="num"><?cs var:count(item.cache_write_tokens) ?></td><td class="num"><?cs var:count(item.output_tokens) ?></td><td class="num" title="<?cs var:item.cost_usd ?> USD"><?cs if:item.price_status == "unpriced" ?><a href="/prices" title="no price">?</a><?cs else ?><?cs var:usd6(item.cost_usd) ?><?cs /if ?><?cs if:?item.estimated ?> <span class="muted">estimated</span><?cs /if ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.cost_entries, "all these cost entries") ?>
<?cs elif:?d.next_cursor ?>
<p class="muted">None of the lines looked at so far is one of these.</p>
<?cs else ?>
<p class="muted">No call has been booked here.</p>
<?cs /if ?>
<?cs if:?d.next_cursor ?><p class="pager"><a rel="next" href="<?cs var:link("/cost-entries?" + page.next_query + "cursor=" + d.next_cursor) ?>">Next page</a></p><?cs /if ?>
