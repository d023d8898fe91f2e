<?cs # part_chart.cs: page.chart drawn: stacked bars of cost by phase, legend, the same as a table. ?>
<?cs if:?page.chart.is_empty ?>
<p class="muted">Nothing was spent in this period.</p>
<?cs elif:?page.chart.is_too_large ?>
<p class="muted">This is more than a picture can show. Group it by week or month, or choose a shorter period.</p>
<?cs else ?>
<figure class="chart">
<div class="scroll" tabindex="0" role="region" aria-label="Cost per <?cs var:page.chart.group ?> by phase, scrolls sideways">
<svg class="plot" viewBox="0 0 <?cs var:page.chart.width ?> <?cs var:page.chart.height ?>" role="img" aria-labelledby="chart-title chart-desc">
<title id="chart-title">Cost per <?cs var:page.chart.group ?> by phase</title>
<desc id="chart-desc">The highest bar is <?cs var:page.chart.highest.period ?> with <?cs var:usd2(page.chart.highest.figures.cost_usd) ?>.</desc>
<defs><pattern id="chart-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
<g class="weekends"><?cs each:column = page.chart.columns ?><?cs if:?column.is_weekend ?><rect class="weekend" x="<?cs var:column.x ?>" y="<?cs var:page.chart.top ?>" width="<?cs var:column.width ?>" height="<?cs var:page.chart.plot_height ?>"/><?cs /if ?><?cs /each ?></g>
<?cs each:tick = page.chart.ticks ?><line class="grid" x1="<?cs var:page.chart.left ?>" x2="<?cs var:page.chart.right ?>" y1="<?cs var:tick.y ?>" y2="<?cs var:tick.y ?>"/><text class="tick-text" x="<?cs var:page.chart.tick_x ?>" y="<?cs var:tick.text_y ?>"><?cs var:tick.text ?></text>
<?cs /each ?>
<g class="series"><?cs each:series = page.chart.series ?><g class="phase-<?cs var:series.phase ?>"><?cs each:rect = series.rects ?><rect x="<?cs var:rect.x ?>" y="<?cs var:rect.y ?>" width="<?cs var:rect.width ?>" height="<?cs var:rect.height ?>"/><?cs /each ?></g>
<?cs /each ?></g>
<g><?cs each:column = page.chart.columns ?><?cs if:?column.is_partial ?><rect x="<?cs var:column.x ?>" y="<?cs var:column.y ?>" width="<?cs var:column.width ?>" height="<?cs var:column.height ?>" fill="url(#chart-hatch)"/><?cs /if ?><rect class="column" x="<?cs var:column.x ?>" y="<?cs var:page.chart.top ?>" width="<?cs var:column.width ?>" height="<?cs var:page.chart.plot_height ?>"><title><?cs var:column.period ?>: <?cs var:usd2(column.figures.cost_usd) ?><?cs if:?column.is_partial ?>, not over yet<?cs /if ?></title></rect><?cs /each ?></g>
<?cs each:label = page.chart.labels ?><text class="label-text" x="<?cs var:label.x ?>" y="<?cs var:page.chart.label_y ?>"><?cs var:label.text ?></text><?cs /each ?>
</svg>
</div>
<figcaption>
<ul class="legend"><?cs each:item = page.chart.legend ?><?cs if:item.phase != "other" || item.calls != "0" ?>
<li><svg class="swatch phase-<?cs var:item.phase ?>" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12"/></svg><?cs var:item.phase ?> <b title="<?cs var:item.cost_usd ?> USD"><?cs var:usd2(item.cost_usd) ?></b> <span class="muted"><?cs var:percent(item.share_percent) ?></span></li><?cs /if ?><?cs /each ?>
</ul>
</figcaption>
</figure>
<details>
<summary>Same data as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Cost per <?cs var:page.chart.group ?>, scrolls sideways">
<table class="data compact">
<caption class="visually-hidden">Cost per <?cs var:page.chart.group ?> by phase</caption>
<thead><tr><th scope="col">Period</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Generation</th><th scope="col" class="num">Analysis</th><th scope="col" class="num">Improvement</th><th scope="col" class="num">Other</th><th scope="col" class="num">Cost</th></tr></thead>
<tbody>
<?cs each:column = page.chart.columns ?><tr><th scope="row" class="nowrap"><?cs var:column.period ?></th><td class="num"><a href="<?cs var:link("/pipeline-runs?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant) ?>"><?cs var:count(column.figures.runs) ?></a></td><td class="num" title="<?cs var:column.figures.generation_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant + "&operation=prompt_generation") ?>"><?cs var:usd2(column.figures.generation_cost_usd) ?></a></td><td class="num" title="<?cs var:column.figures.analysis_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant + "&operation=prompt_analysis") ?>"><?cs var:usd2(column.figures.analysis_cost_usd) ?></a></td><td class="num" title="<?cs var:column.figures.improvement_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant + "&operation=prompt_improvement") ?>"><?cs var:usd2(column.figures.improvement_cost_usd) ?></a></td><td class="num" title="<?cs var:column.figures.other_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant + "&operation=other") ?>"><?cs var:usd2(column.figures.other_cost_usd) ?></a></td><td class="num" title="<?cs var:column.figures.cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?from=" + column.figures.from + "&to=" + column.figures.to + page.query.zone + page.query.account + page.query.assistant) ?>"><?cs var:usd2(column.figures.cost_usd) ?></a></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.trend, "cost per period") ?>
</details>
<?cs /if ?>
