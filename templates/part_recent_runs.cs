<?cs # part_recent_runs.cs: the latest runs of d.runs or, on the first page, d.recent_runs. ?>
<?cs def:run_row(run) ?><tr><th scope="row"><a href="/pipeline-runs/<?cs var:run.pipeline_id ?>"><?cs var:run.assistant_name ?></a> <span class="muted small"><?cs var:run.account_slug ?></span></th><td><span class="state state-<?cs var:run.status ?>"<?cs if:?run.error_message ?> title="<?cs var:run.error_message ?>"<?cs /if ?>><?cs var:run.status ?></span></td><td class="nowrap"><time datetime="<?cs var:run.created_at ?>" title="<?cs var:moment(run.created_at) ?>"><?cs var:ago(run.created_at) ?></time></td><td class="num"><?cs if:?run.duration_ms ?><?cs var:duration(run.duration_ms) ?><?cs else ?>—<?cs /if ?></td><td class="num" title="<?cs var:run.total_input_tokens ?> / <?cs var:run.total_output_tokens ?>"><?cs var:tokens(run.total_input_tokens) ?> / <?cs var:tokens(run.total_output_tokens) ?></td><td class="num" title="<?cs var:run.total_cost_usd ?> USD"><?cs var:usd4(run.total_cost_usd) ?></td></tr>
<?cs /def ?>
<div class="scroll" tabindex="0" role="region" aria-label="Latest runs, scrolls sideways">
<table class="data">
<caption>Latest runs</caption>
<thead><tr><th scope="col">Assistant</th><th scope="col">State</th><th scope="col">Launched</th><th scope="col" class="num">Duration</th><th scope="col" class="num">Tokens, in / out</th><th scope="col" class="num">Cost</th></tr></thead>
<tbody>
<?cs each:run = d.runs ?><?cs if:?run.pipeline_id ?><?cs call:run_row(run) ?><?cs /if ?><?cs /each ?>
<?cs each:run = d.recent_runs ?><?cs call:run_row(run) ?><?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.runs, "latest runs") ?><?cs call:download(page.csv.recent_runs, "latest runs") ?>
