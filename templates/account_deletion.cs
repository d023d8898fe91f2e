<?cs # account_deletion.cs: how far the deletion of an account is, and its receipt. ?>
<?cs include!"part_state.cs" ?>
<?cs def:sum(name, before, after) ?><tr><th scope="row"><?cs var:name ?></th><td class="num"><?cs var:before ?></td><td class="num"><?cs if:?after ?><?cs var:after ?><?cs else ?>—<?cs /if ?></td></tr>
<?cs /def ?>
<h1><?cs var:page.title ?></h1>
<?cs if:d.state == "running" ?>
<p class="banner" role="status"><strong>It goes on</strong><?cs if:?d.runs_total ?>: the texts of <?cs var:count(d.runs_done) ?> of <?cs var:count(d.runs_total) ?> runs are gone<?cs /if ?>. A runner does it; so does <code>promptbuilder account delete</code>. <a href="<?cs var:link("/accounts/" + d.account_id + "/deletion") ?>">Look again</a></p>
<?cs elif:?d.sums_are_equal ?>
<p class="banner" role="status"><strong>Deleted.</strong> The sums of the ledger are what they were before.</p>
<?cs else ?>
<p class="banner banner-failure" role="alert"><strong>Deleted, but the sums differ.</strong> Lines were booked meanwhile, or <code>promptbuilder ledger verify</code> tells what is wrong.</p>
<?cs /if ?>
<dl class="facts">
<dt>Account</dt><dd><a href="<?cs var:link("/accounts/" + d.slug) ?>"><?cs var:d.name ?></a>, <span class="mono"><?cs var:d.account_id ?></span></dd>
<dt>Asked for</dt><dd><time datetime="<?cs var:d.requested_at ?>"><?cs var:moment(d.requested_at) ?></time> by <?cs var:d.requested_by ?></dd>
<dt>Ended</dt><dd><?cs if:?d.completed_at ?><time datetime="<?cs var:d.completed_at ?>"><?cs var:moment(d.completed_at) ?></time><?cs else ?>not yet<?cs /if ?></dd>
<dt>Its name</dt><dd><?cs if:?d.keeps_name ?>is kept<?cs else ?>goes, too<?cs /if ?></dd>
<dt>Texts deleted</dt><dd>briefings: <?cs var:count(d.counts.briefings) ?>, outputs of steps: <?cs var:count(d.counts.outputs) ?>, prompts: <?cs var:count(d.counts.prompts) ?><?cs if:?d.completed_at ?>, assistants: <?cs var:count(d.counts.assistants) ?>, events: <?cs var:count(d.counts.events) ?><?cs /if ?></dd>
<dt>Access ended</dt><dd>sessions: <?cs var:count(d.counts.sessions) ?><?cs if:?d.completed_at ?>, tokens: <?cs var:count(d.counts.tokens) ?>, budgets: <?cs var:count(d.counts.budgets) ?><?cs /if ?></dd>
</dl>
<?cs if:?d.sums_before.lines ?>
<div class="scroll" role="region" aria-label="Sums, scrolls sideways" tabindex="0">
<table class="data">
<caption>Sums of the account</caption>
<thead><tr><th scope="col">Sum</th><th scope="col" class="num">Before</th><th scope="col" class="num">After</th></tr></thead>
<tbody>
<?cs call:sum("Lines of the ledger", d.sums_before.lines, d.sums_after.lines) ?><?cs call:sum("Their cost, USD", d.sums_before.cost_usd, d.sums_after.cost_usd) ?><?cs call:sum("Input tokens", d.sums_before.input_tokens, d.sums_after.input_tokens) ?><?cs call:sum("Output tokens", d.sums_before.output_tokens, d.sums_after.output_tokens) ?><?cs call:sum("Runs", d.sums_before.runs, d.sums_after.runs) ?><?cs call:sum("Their cost, USD", d.sums_before.run_cost_usd, d.sums_after.run_cost_usd) ?><?cs call:sum("Lines in the kept sums", d.sums_before.sums_lines, d.sums_after.sums_lines) ?><?cs call:sum("Their cost, nano-USD", d.sums_before.sums_cost_nano, d.sums_after.sums_cost_nano) ?></tbody>
</table>
</div>
<?cs /if ?>
<p><a class="button" href="<?cs var:link("/audit?accountId=" + d.account_id) ?>">What was done in it</a></p>
