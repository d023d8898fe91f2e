<?cs # part_insight.cs: what stands behind the totals of a report in d, in sentences; tables tell more. ?>
<?cs if:?page.difference.amount || ?d.forecast.mid_usd || subcount(d.unusual_runs) > #0 || subcount(d.iterations) > #0 ?>
<dl class="facts">
<?cs if:?page.difference.is_none ?>
<dt>Why it changed</dt><dd>It cost as much as in the period before.</dd>
<?cs elif:?page.difference.amount ?>
<dt>Why it changed</dt><dd><b title="<?cs var:d.change.cost_usd ?> USD"><?cs var:usd2(page.difference.amount) ?> <?cs if:?page.difference.is_less ?>less<?cs else ?>more<?cs /if ?></b> than in the period before: <?cs each:cause = page.difference.causes ?><?cs if:!first(cause) ?>, <?cs /if ?><span class="nowrap"><?cs var:cause.sign ?><?cs var:usd2(cause.amount) ?></span> <?cs var:cause.words ?><?cs /each ?>. <a href="#causes">All causes</a></dd>
<?cs /if ?>
<?cs if:?d.forecast.mid_usd ?>
<dt>What the month will come to</dt><dd><b title="<?cs var:d.forecast.mid_usd ?> USD"><?cs var:usd2(d.forecast.mid_usd) ?></b> by <?cs var:date(d.forecast.to) ?>: <span title="<?cs var:d.forecast.spent_usd ?> USD"><?cs var:usd2(d.forecast.spent_usd) ?></span> until now, and for what is left of it the mean of the same weekdays in the last <?cs var:d.forecast.weeks ?> weeks; between <span title="<?cs var:d.forecast.low_usd ?> USD"><?cs var:usd2(d.forecast.low_usd) ?></span>, as in the cheapest of these weeks, and <span title="<?cs var:d.forecast.high_usd ?> USD"><?cs var:usd2(d.forecast.high_usd) ?></span>, as in the dearest.</dd>
<?cs /if ?>
<?cs if:subcount(d.unusual_runs) > #0 ?>
<dt>Unusual runs</dt><dd><a href="#unusual"><?cs var:subcount(d.unusual_runs) ?> of the latest 200</a> cost far more than is usual for their assistant, up to <?cs var:d.unusual_runs.0.times_median ?> times its median.</dd>
<?cs /if ?>
<?cs if:subcount(d.iterations) > #0 ?>
<dt>A point of score cost</dt><dd><?cs each:item = d.iterations ?><?cs if:!first(item) ?>, <?cs /if ?><?cs if:?item.point_cost_usd ?><b title="<?cs var:item.point_cost_usd ?> USD"><?cs var:usd4(item.point_cost_usd) ?></b> in improvement <?cs var:item.iteration ?><?cs else ?>improvement <?cs var:item.iteration ?> gained none<?cs /if ?><?cs /each ?>. <a href="#points">More</a></dd>
<?cs /if ?>
</dl>
<?cs /if ?>
