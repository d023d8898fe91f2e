<?cs # costs.cs: everybody's costs, or what the reader may see of them. ?>
<?cs include!"part_download.cs" ?>
<h1>Costs<?cs if:?page.days ?>, last <?cs var:page.days ?> days<?cs /if ?> <small><?cs var:page.period ?>, <?cs var:d.tz ?></small></h1>
<?cs if:?page.filter.assistantId ?><p>Only assistant <?cs var:page.filter.assistantId ?>. <a href="/costs">Show all assistants</a></p><?cs /if ?>
<?cs include!"part_cost_ranges.cs" ?>
<form class="filters" method="get" action="/costs">
<?cs include!"part_cost_filters.cs" ?>
<?cs if:?page.accounts.0.slug ?><div class="field"><label for="accountId">Account</label><select id="accountId" name="accountId"><option value="">All accounts</option><?cs each:item = page.accounts ?><option value="<?cs var:item.slug ?>"<?cs if:item.slug == d.account.slug ?> selected<?cs /if ?>><?cs var:item.name ?></option><?cs /each ?></select></div><?cs /if ?>
<button class="button-primary" type="submit">Apply</button>
</form>
<?cs include!"part_report.cs" ?>
<?cs if:?d.by_account.0.account_slug ?>
<div class="scroll" tabindex="0" role="region" aria-label="By account, scrolls sideways">
<table class="data">
<caption>By account</caption>
<thead><tr><th scope="col">Account</th><?cs call:figure_heads() ?></tr></thead>
<tbody>
<?cs each:item = d.by_account ?><tr><th scope="row"><a href="/costs/<?cs var:item.account_slug ?>"><?cs var:item.account_name ?></a></th><?cs call:figure_cells(item, page.query.span + "&accountId=" + item.account_slug + page.query.assistant, "/pipeline-runs?") ?></tr>
<?cs /each ?>
</tbody>
<?cs call:figure_totals() ?>
</table>
</div>
<?cs call:download(page.csv.by_account, "by account") ?>
<?cs /if ?>
<?cs if:?d.by_model.0.model ?>
<div class="scroll" tabindex="0" role="region" aria-label="By model, scrolls sideways">
<table class="data">
<caption>By model</caption>
<thead><tr><th scope="col">Model</th><?cs call:figure_heads() ?></tr></thead>
<tbody>
<?cs each:item = d.by_model ?><tr><th scope="row"><a href="/prices"><?cs var:item.model ?></a></th><?cs call:figure_cells(item, page.query.span + page.query.account + page.query.assistant + "&model=" + encoded(item.model), "/cost-entries?") ?></tr>
<?cs /each ?>
</tbody>
<?cs call:figure_totals() ?>
</table>
</div>
<?cs call:download(page.csv.by_model, "by model") ?>
<?cs /if ?>
<?cs include!"part_insight_tables.cs" ?>
<?cs if:?d.by_assistant.0.external_id ?>
<div class="scroll" tabindex="0" role="region" aria-label="By assistant, scrolls sideways">
<table class="data">
<caption>By assistant</caption>
<thead><tr><th scope="col">Assistant</th><?cs call:figure_heads() ?></tr></thead>
<tbody>
<?cs each:item = d.by_assistant ?><tr><th scope="row"><a href="<?cs var:link("/costs/" + item.account_slug + "?assistantId=" + item.assistant_id) ?>"><?cs var:item.assistant_name ?></a> <span class="muted small"><?cs var:item.account_slug ?></span></th><?cs call:figure_cells(item, page.query.span + "&accountId=" + item.account_slug + "&assistantId=" + item.assistant_id, "/pipeline-runs?") ?></tr>
<?cs /each ?>
</tbody>
<?cs call:figure_totals() ?>
</table>
</div>
<?cs call:download(page.csv.by_assistant, "by assistant") ?>
<?cs /if ?>
