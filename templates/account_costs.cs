<?cs # account_costs.cs: the costs of one account, its assistants and its latest runs. ?>
<?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?><?cs if:?page.days ?>, last <?cs var:page.days ?> days<?cs /if ?> <small><?cs var:page.period ?>, <?cs var:d.tz ?></small></h1>
<?cs if:?page.filter.assistantId ?><p>Only one assistant. <a href="/costs/<?cs var:d.account.slug ?>">Show all assistants</a></p><?cs /if ?>
<?cs include!"part_cost_ranges.cs" ?>
<form class="filters" method="get" action="/costs/<?cs var:d.account.slug ?>">
<?cs include!"part_cost_filters.cs" ?>
<button class="button-primary" type="submit">Apply</button>
<?cs if:?page.is_operator ?><a href="/costs">All accounts</a><?cs /if ?>
</form>
<?cs include!"part_report.cs" ?>
<?cs if:?d.by_assistant.0.external_id ?>
<div class="scroll" tabindex="0" role="region" aria-label="By assistant, scrolls sideways">
<table class="data">
<caption>By assistant</caption>
<thead><tr><th scope="col">Assistant</th><?cs call:figure_heads() ?><th scope="col" class="num">Generation</th><th scope="col" class="num">Analysis</th><th scope="col" class="num">Improvement</th></tr></thead>
<tbody>
<?cs each:item = d.by_assistant ?><tr><th scope="row"><a href="<?cs var:link("/costs/" + d.account.slug + "?assistantId=" + item.assistant_id) ?>"><?cs var:item.assistant_name ?></a></th><?cs call:figure_cells(item, page.query.span + page.query.account + "&assistantId=" + item.assistant_id, "/pipeline-runs?") ?><td class="num" title="<?cs var:item.generation_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + page.query.span + page.query.account + "&assistantId=" + item.assistant_id + "&operation=prompt_generation") ?>"><?cs var:usd2(item.generation_cost_usd) ?></a></td><td class="num" title="<?cs var:item.analysis_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + page.query.span + page.query.account + "&assistantId=" + item.assistant_id + "&operation=prompt_analysis") ?>"><?cs var:usd2(item.analysis_cost_usd) ?></a></td><td class="num" title="<?cs var:item.improvement_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?" + page.query.span + page.query.account + "&assistantId=" + item.assistant_id + "&operation=prompt_improvement") ?>"><?cs var:usd2(item.improvement_cost_usd) ?></a></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.by_assistant, "by assistant") ?>
<?cs /if ?>
<?cs include!"part_insight_tables.cs" ?>
<?cs if:?d.runs.0.pipeline_id ?>
<?cs include!"part_recent_runs.cs" ?>
<?cs else ?>
<h2>No runs yet for <?cs var:d.account.name ?></h2>
<p><a class="button button-primary" href="/pipeline-runs/new">Launch a pipeline</a></p>
<?cs /if ?>
<?cs if:?d.assistants.0.external_id ?>
<div class="scroll" tabindex="0" role="region" aria-label="Assistants since the beginning, scrolls sideways">
<table class="data">
<caption>Assistants since the beginning</caption>
<thead><tr><th scope="col">Assistant</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Input tokens</th><th scope="col" class="num">Output tokens</th><th scope="col" class="num">Average per call</th><th scope="col" class="num">Cost</th><th scope="col">Last call</th></tr></thead>
<tbody>
<?cs each:item = d.assistants ?><tr><th scope="row"><?cs var:item.assistant_name ?></th><td class="num"><a href="<?cs var:link("/pipeline-runs?accountId=" + d.account.slug + "&assistantId=" + item.assistant_id) ?>"><?cs var:count(item.total_runs) ?></a></td><td class="num" title="<?cs var:item.total_input_tokens ?>"><?cs var:tokens(item.total_input_tokens) ?></td><td class="num" title="<?cs var:item.total_output_tokens ?>"><?cs var:tokens(item.total_output_tokens) ?></td><td class="num" title="<?cs var:item.average_call_cost_usd ?> USD"><?cs var:usd4(item.average_call_cost_usd) ?></td><td class="num" title="<?cs var:item.total_cost_usd ?> USD"><a href="<?cs var:link("/cost-entries?accountId=" + d.account.slug + "&assistantId=" + item.assistant_id) ?>"><?cs var:usd2(item.total_cost_usd) ?></a></td><td><time datetime="<?cs var:item.last_activity ?>" title="<?cs var:moment(item.last_activity) ?>"><?cs var:ago(item.last_activity) ?></time></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.assistants, "assistants since the beginning") ?>
<?cs /if ?>
