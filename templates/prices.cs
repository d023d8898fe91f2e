<?cs # prices.cs: models without a price, then every dated price. ?>
<h1>Prices</h1>
<p>USD per million tokens. A price is a dated row and is never edited: a newer one takes over from its first day, and every call keeps the price it was charged with. An account’s own price comes before the list.</p>
<?cs if:?d.unpriced_models.0.model ?>
<div class="banner banner-failure">
<p><strong>These models were called in the last 30 days and have no full price:</strong></p>
<ul><?cs each:item = d.unpriced_models ?><li><code><?cs var:item.model ?></code>, <?cs var:count(item.calls) ?> calls, the last <time datetime="<?cs var:item.last_call ?>" title="<?cs var:moment(item.last_call) ?>"><?cs var:ago(item.last_call) ?></time></li><?cs /each ?></ul>
<p>Set one with <code>promptbuilder prices set --model MODEL --input USD --output USD</code>.</p>
</div>
<?cs /if ?>
<?cs if:?d.prices.0.model ?>
<div class="scroll" tabindex="0" role="region" aria-label="Prices, scrolls sideways">
<table class="data">
<caption class="visually-hidden">Prices, USD per million tokens</caption>
<thead><tr><th scope="col">Model</th><th scope="col">For</th><th scope="col">In force</th><th scope="col" class="num">Input</th><th scope="col" class="num">Output</th><th scope="col" class="num">Cache read</th><th scope="col" class="num">Write 5 min</th><th scope="col" class="num">Write 1 h</th><th scope="col">Source</th></tr></thead>
<tbody>
<?cs each:item = d.prices ?><tr<?cs if:!?item.is_current ?> class="muted"<?cs /if ?>><th scope="row" class="nowrap"><?cs var:item.model ?></th><td><?cs if:?item.account_slug ?><a href="/costs/<?cs var:item.account_slug ?>"><?cs var:item.account_slug ?></a><?cs else ?>all<?cs /if ?></td><td><?cs if:?item.is_current ?><b>now</b><?cs elif:?item.is_future ?>later<?cs else ?>no more<?cs /if ?><?cs if:?item.valid_from ?>, from <?cs var:date(item.valid_from) ?><?cs /if ?><?cs if:?item.valid_to ?>, until <?cs var:date(item.valid_to) ?><?cs /if ?></td><td class="num"><?cs var:item.input_usd_per_million ?></td><td class="num"><?cs var:item.output_usd_per_million ?></td><td class="num"><?cs var:item.cache_read_usd_per_million ?></td><td class="num"><?cs var:item.cache_write_5m_usd_per_million ?></td><td class="num"><?cs var:item.cache_write_1h_usd_per_million ?></td><td><?cs var:item.source ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs else ?>
<p>There is no price yet, so no pipeline can be launched. <code>promptbuilder prices set</code> adds one.</p>
<?cs /if ?>
