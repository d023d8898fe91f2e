<?cs # prices.cs: models without a price, what a call would cost, then every dated price. ?>
<?cs include!"part_download.cs" ?><?cs include!"part_arithmetic.cs" ?>
<h1>Prices</h1>
<?cs include!"part_money_tabs.cs" ?>
<p>USD per million tokens. A price is a dated row and is never edited: a newer one takes over from its first day, and every call keeps the price it was charged with. An account’s own price comes before the list.</p>
<?cs if:?d.unpriced_models.0.model ?>
<div class="banner banner-failure">
<p><strong>These models were called in the last 30 days and have no full price:</strong></p>
<ul><?cs each:item = d.unpriced_models ?><li><code><?cs var:item.model ?></code>, <?cs var:count(item.calls) ?> calls, the last <time datetime="<?cs var:item.last_call ?>" title="<?cs var:moment(item.last_call) ?>"><?cs var:ago(item.last_call) ?></time></li><?cs /each ?></ul>
<p>Set one with <code>promptbuilder prices set --model MODEL --input USD --output USD --from DAY</code>, then <code>promptbuilder prices reprice</code> gives it to the calls that are booked.</p>
</div>
<?cs /if ?>
<h2 id="question">What would this cost?</h2>
<form class="filters" method="get" action="/prices#question">
<div class="field"><label for="model">Model</label><input id="model" name="model" value="<?cs var:page.filter.model ?>" maxlength="200" required list="models"><datalist id="models"><?cs each:item = d.prices ?><?cs if:?item.is_current && !?item.account_slug && item.above_tokens == "0" ?><option value="<?cs var:item.model ?>"></option><?cs /if ?><?cs /each ?></datalist></div>
<?cs if:?page.accounts.0.slug ?><div class="field"><label for="accountId">Account</label><select id="accountId" name="accountId"><option value="">The list’s price</option><?cs each:item = page.accounts ?><option value="<?cs var:item.slug ?>"<?cs if:item.slug == page.filter.accountId ?> selected<?cs /if ?>><?cs var:item.name ?></option><?cs /each ?></select></div><?cs /if ?>
<div class="field"><label for="input_tokens">Input</label><input id="input_tokens" name="input_tokens" type="number" min="0" value="<?cs var:page.filter.input_tokens ?>"></div>
<div class="field"><label for="cache_read_tokens">Cache read</label><input id="cache_read_tokens" name="cache_read_tokens" type="number" min="0" value="<?cs var:page.filter.cache_read_tokens ?>"></div>
<div class="field"><label for="cache_write_tokens">Cache write</label><input id="cache_write_tokens" name="cache_write_tokens" type="number" min="0" value="<?cs var:page.filter.cache_write_tokens ?>"></div>
<div class="field"><label for="cache_write_1h_tokens">of it kept 1 h</label><input id="cache_write_1h_tokens" name="cache_write_1h_tokens" type="number" min="0" value="<?cs var:page.filter.cache_write_1h_tokens ?>"></div>
<div class="field"><label for="output_tokens">Output</label><input id="output_tokens" name="output_tokens" type="number" min="0" value="<?cs var:page.filter.output_tokens ?>"></div>
<div class="field"><label for="service_tier">Service</label><select id="service_tier" name="service_tier"><option value="standard">Standard</option><option value="batch"<?cs if:page.filter.service_tier == "batch" ?> selected<?cs /if ?>>Batch</option></select></div>
<div class="field"><label for="inference_geo">Region</label><select id="inference_geo" name="inference_geo"><option value="global">Global</option><option value="us"<?cs if:page.filter.inference_geo == "us" ?> selected<?cs /if ?>>US only</option></select></div>
<button class="button button-primary" type="submit">Compute</button>
</form>
<?cs if:?d.quote.model ?>
<?cs if:?d.quote.arithmetic.cost_usd ?>
<p>Now <strong><?cs var:d.quote.arithmetic.cost_usd ?> USD</strong> by <?cs call:price_source(d.quote.price) ?>.</p>
<?cs if:d.quote.price_status == "partial" ?><div class="banner banner-warning"><p>A bucket with tokens has no rate: this is not the whole cost.</p></div><?cs /if ?>
<?cs call:arithmetic(d.quote.arithmetic, "Arithmetic", #0) ?>
<?cs else ?>
<div class="banner banner-failure"><p>There is no price of <code><?cs var:d.quote.model ?></code> now. That is not free: its calls are booked as unpriced.</p></div>
<?cs /if ?>
<?cs /if ?>
<?cs if:?d.prices.0.model ?>
<h2>Price list</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Prices, scrolls sideways">
<table class="data">
<caption class="visually-hidden">Prices, USD per million tokens</caption>
<thead><tr><th scope="col">Model</th><th scope="col">For</th><th scope="col">In force</th><th scope="col" class="num">Prompt over</th><th scope="col" class="num">Input</th><th scope="col" class="num">Output</th><th scope="col" class="num">Cache read</th><th scope="col" class="num">Write 5 min</th><th scope="col" class="num">Write 1 h</th><th scope="col" class="num">Batch</th><th scope="col" class="num">US</th><th scope="col">Source</th></tr></thead>
<tbody>
<?cs def:rate(usd) ?><td class="num"><?cs if:?usd ?><?cs var:usd ?><?cs else ?>?<?cs /if ?></td><?cs /def ?>
<?cs each:item = d.prices ?><tr<?cs if:!?item.is_current ?> class="muted"<?cs /if ?>><th scope="row" class="nowrap"><?cs var:item.model ?></th><td><?cs if:?item.account_slug ?><a href="<?cs var:link("/costs/" + item.account_slug) ?>"><?cs var:item.account_slug ?></a><?cs else ?>all<?cs /if ?></td><td><?cs if:?item.is_current ?><b>now</b><?cs elif:?item.is_future ?>later<?cs else ?>no more<?cs /if ?><?cs if:?item.valid_from ?>, from <?cs var:date(item.valid_from) ?><?cs /if ?><?cs if:?item.valid_to ?>, until <?cs var:date(item.valid_to) ?><?cs /if ?></td><td class="num"><?cs if:item.above_tokens == "0" ?>—<?cs else ?><?cs var:count(item.above_tokens) ?><?cs /if ?></td><?cs call:rate(item.input_usd_per_million) ?><?cs call:rate(item.output_usd_per_million) ?><?cs call:rate(item.cache_read_usd_per_million) ?><?cs call:rate(item.cache_write_5m_usd_per_million) ?><?cs call:rate(item.cache_write_1h_usd_per_million) ?><td class="num">× <?cs var:item.batch_factor ?></td><td class="num">× <?cs var:item.us_factor ?></td><td><?cs var:item.source ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.prices, "prices") ?>
<p class="small muted">A prompt that is longer than a tier’s tokens is priced by that row as a whole. “?” is a rate nobody has told: calls with tokens in it are booked as partial.</p>
<?cs else ?>
<p>There is no price yet, so no pipeline can be launched. <code>promptbuilder prices set</code> adds one.</p>
<?cs /if ?>
