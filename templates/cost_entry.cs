<?cs # cost_entry.cs: one line of the ledger explained: usage, buckets, rates, products, the one rounding. ?>
<?cs include!"part_download.cs" ?><?cs include!"part_arithmetic.cs" ?>
<h1><?cs if:d.kind == "adjustment" ?>Correction of <?cs var:d.cost_usd ?> USD<?cs else ?>Call of <?cs var:d.cost_usd ?> USD<?cs /if ?> <small><?cs var:d.operation ?>, <?cs var:moment(d.timestamp) ?></small></h1>
<div class="banner <?cs if:?d.agrees ?>banner-success<?cs elif:?d.arithmetic.cost_usd ?>banner-failure<?cs else ?>banner-warning<?cs /if ?>"><p><?cs var:d.verdict ?></p></div>
<?cs if:d.price_status == "partial" ?><div class="banner banner-warning"><p>A bucket with tokens has no rate: this is not the whole cost.</p></div><?cs /if ?>
<?cs if:?d.estimated ?><div class="banner banner-warning"><p>The tokens are an estimate: <?cs var:d.estimate_reason ?></p></div><?cs /if ?>
<dl class="facts">
<dt>Account</dt><dd><a href="<?cs var:link("/costs/" + d.account_slug) ?>"><?cs var:d.account_name ?></a></dd>
<dt>Assistant</dt><dd><?cs var:d.assistant_name ?></dd>
<?cs if:?d.run.pipeline_id ?><dt>Run</dt><dd><a href="<?cs var:link("/pipeline-runs/" + d.run.pipeline_id) ?>"><?cs var:d.run.pipeline_id ?></a></dd><?cs /if ?>
<dt>Model</dt><dd class="mono"><?cs var:d.model ?></dd>
<?cs if:?d.call.id ?><dt>Call</dt><dd><?cs var:d.call.step ?>, call <?cs var:d.call.number ?>, <?cs var:d.call.state ?><?cs if:?d.call.http_status ?>, HTTP <?cs var:d.call.http_status ?><?cs /if ?><?cs if:?d.call.stop_reason ?>, <?cs var:d.call.stop_reason ?><?cs /if ?><?cs if:?d.call.duration_ms ?>, <?cs var:duration(d.call.duration_ms) ?><?cs /if ?><?cs if:?d.call.provider_message_id ?>; the provider’s message <span class="mono"><?cs var:d.call.provider_message_id ?></span><?cs /if ?><?cs if:?d.call.provider_request_id ?>, request <span class="mono"><?cs var:d.call.provider_request_id ?></span><?cs /if ?></dd><?cs /if ?>
<?cs if:?d.corrects_id ?><dt>Corrects</dt><dd><a class="mono" href="<?cs var:link("/cost-entries/" + d.corrects_id) ?>"><?cs var:d.corrects_id ?></a></dd>
<dt>Reason</dt><dd><?cs var:d.reason ?></dd>
<dt>By</dt><dd><?cs var:d.actor ?>, <?cs var:moment(d.created_at) ?></dd><?cs /if ?>
<?cs if:?d.idempotency_key ?><dt>Idempotency key</dt><dd class="mono"><?cs var:d.idempotency_key ?></dd><?cs /if ?>
<dt>Line</dt><dd class="mono"><?cs var:d.id ?></dd>
</dl>
<?cs if:?d.price.id ?><p>Priced by <?cs call:price_source(d.price) ?>.</p><?cs /if ?>
<?cs if:?d.arithmetic.cost_usd ?>
<?cs call:arithmetic(d.arithmetic, "From tokens to the amount", #1) ?>
<?cs if:?d.corrects_id ?><p>Less what had been booked of this call before, <?cs var:d.before_usd ?> USD.</p><?cs /if ?>
<?cs else ?>
<dl class="facts">
<dt>Input</dt><dd><?cs var:count(d.input_tokens) ?></dd>
<dt>Cache read</dt><dd><?cs var:count(d.cache_read_tokens) ?></dd>
<dt>Cache write</dt><dd><?cs var:count(d.cache_write_tokens) ?>, of it for 1 h <?cs var:count(d.cache_write_1h_tokens) ?></dd>
<dt>Output</dt><dd><?cs var:count(d.output_tokens) ?></dd>
</dl>
<?cs /if ?>
<?cs if:?page.usage ?>
<h2>What the provider told</h2>
<pre class="wrap"><?cs var:page.usage ?></pre>
<?cs /if ?>
<?cs if:?d.adjustments.0.id ?>
<div class="scroll" tabindex="0" role="region" aria-label="Corrections, scrolls sideways">
<table class="data">
<caption>Corrections of this line</caption>
<thead><tr><th scope="col">Booked</th><th scope="col">Reason</th><th scope="col">By</th><th scope="col" class="num">Cost, USD</th></tr></thead>
<tbody>
<?cs each:item = d.adjustments ?><tr><th scope="row" class="nowrap"><a href="<?cs var:link("/cost-entries/" + item.id) ?>"><time datetime="<?cs var:item.created_at ?>"><?cs var:moment(item.created_at) ?></time></a></th><td><?cs var:item.reason ?><?cs if:?item.settles_price ?> <span class="muted">(gives the call its price)</span><?cs /if ?></td><td><?cs var:item.actor ?></td><td class="num"><?cs var:item.cost_usd ?></td></tr>
<?cs /each ?>
</tbody>
<tfoot><tr><th scope="row" colspan="3">With this line</th><td class="num"><?cs var:d.effective_cost_usd ?></td></tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.adjustments, "corrections") ?>
<?cs /if ?>
