<?cs # part_arithmetic.cs: how a cost comes about: sum:buckets, sum:sum_usd, the one rounding; raw: the provider's own fields are shown beside the buckets. ?>
<?cs def:bucket_name(name) ?><?cs if:name == "input" ?>Input<?cs elif:name == "cache_read" ?>Cache read<?cs elif:name == "cache_write_5m" ?>Cache write, 5 min<?cs elif:name == "cache_write_1h" ?>Cache write, 1 h<?cs else ?>Output<?cs /if ?><?cs /def ?>
<?cs def:arithmetic(sum, title, has_usage) ?>
<div class="scroll" tabindex="0" role="region" aria-label="<?cs var:title ?>, scrolls sideways">
<table class="data">
<caption><?cs var:title ?></caption>
<thead><tr><th scope="col">Bucket</th><?cs if:has_usage ?><th scope="col" class="num">In the usage</th><?cs /if ?><th scope="col" class="num">Tokens</th><th scope="col" class="num">USD per million</th><th scope="col" class="num">Product, USD</th></tr></thead>
<tbody>
<?cs each:item = sum.buckets ?><tr><th scope="row"><?cs call:bucket_name(item.bucket) ?></th><?cs if:has_usage ?><td class="num"><?cs if:?item.usage_field ?><code><?cs var:item.usage_field ?></code> <?cs var:count(item.usage_tokens) ?><?cs else ?>—<?cs /if ?></td><?cs /if ?><td class="num"><?cs var:count(item.tokens) ?></td><?cs if:?item.usd_per_million ?><td class="num"><?cs var:item.usd_per_million ?></td><td class="num"><?cs var:item.product_usd ?></td><?cs else ?><td class="num">?</td><td class="num"><?cs if:item.tokens == "0" ?>0<?cs else ?><span class="warning">no rate</span><?cs /if ?></td><?cs /if ?></tr>
<?cs /each ?>
</tbody>
<tfoot>
<tr><th scope="row">Sum</th><td class="num" colspan="<?cs if:has_usage ?>4<?cs else ?>3<?cs /if ?>"><?cs var:sum.sum_usd ?></td></tr>
<tr><th scope="row">Times <?cs var:sum.multiplier ?></th><td class="num" colspan="<?cs if:has_usage ?>4<?cs else ?>3<?cs /if ?>"><?cs var:sum.exact_usd ?></td></tr>
<tr><th scope="row">Rounded once, half to even</th><td class="num" colspan="<?cs if:has_usage ?>4<?cs else ?>3<?cs /if ?>"><?cs var:sum.cost_usd ?></td></tr>
</tfoot>
</table>
</div>
<?cs call:download(page.csv.buckets, title) ?>
<?cs /def ?>
<?cs def:price_source(price) ?>the price of <code><?cs var:price.model ?></code><?cs if:?price.account_slug ?>, <?cs var:price.account_slug ?>’s own<?cs /if ?><?cs if:?price.valid_from ?>, in force from <?cs var:date(price.valid_from) ?><?cs /if ?><?cs if:?price.valid_to ?> until <?cs var:date(price.valid_to) ?><?cs /if ?><?cs if:price.above_tokens != "0" ?>, for prompts of more than <?cs var:count(price.above_tokens) ?> tokens<?cs /if ?>; source: <?cs var:price.source ?>, recorded <?cs var:date(price.recorded_at) ?><?cs /def ?>
